import KitCore
import KitMedia

/// Encodes how clips become tensors, which a trained encoder needs again. Tracks, jitter and augmentation are not part
/// of it.
extension ClipSettings: Codable {
    private enum CodingKeys: String, CodingKey {
        case seconds, frames, size, mean, deviation, mel
        case melMean = "mel_mean"
        case melDeviation = "mel_deviation"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        seconds = try values.decode(Double.self, forKey: .seconds)
        frames = try values.decodeIfPresent(Int.self, forKey: .frames)
        size = try values.decode(Int.self, forKey: .size)
        mean = try values.decode([Rounded].self, forKey: .mean).map(\.value)
        deviation = try values.decode([Rounded].self, forKey: .deviation).map(\.value)
        mel = try values.decodeIfPresent(LogMel.Settings.self, forKey: .mel).map(LogMel.init)
        melMean = try values.decode(Rounded.self, forKey: .melMean).value
        melDeviation = try values.decode(Rounded.self, forKey: .melDeviation).value
        try check()
    }

    /// Throws unless the values are valid for a dataset's options, since a file may contain anything.
    private func check() throws {
        func expect(_ key: CodingKeys, _ isRight: Bool, _ expected: String, _ given: Any) throws {
            guard !isRight else { return }
            throw KitError(.badData, "'\(key.rawValue)' of the clips must be \(expected), but is \(given)")
        }
        try expect(.seconds, Self.lengths.contains(seconds), "0.04 to 3600 seconds", seconds)
        try expect(.frames, frames.map((1...1024).contains) ?? true, "1 to 1024 frames", frames ?? 0)
        try expect(.size, (8...2048).contains(size), "8 to 2048 pixels", size)
        for (key, values, range) in [(CodingKeys.mean, mean, Self.means), (.deviation, deviation, Self.deviations)] {
            try expect(
                key, values.count == 3 && values.allSatisfy { range.containsRounded($0) },
                "three numbers from \(range.text)", values)
        }
        try expect(.melMean, Self.means.containsRounded(melMean), Self.means.text, melMean)
        try expect(.melDeviation, Self.deviations.containsRounded(melDeviation), Self.deviations.text, melDeviation)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(seconds, forKey: .seconds)
        try values.encodeIfPresent(frames, forKey: .frames)
        try values.encode(size, forKey: .size)
        try values.encode(mean, forKey: .mean)
        try values.encode(deviation, forKey: .deviation)
        try values.encodeIfPresent(mel?.settings, forKey: .mel)
        try values.encode(melMean, forKey: .melMean)
        try values.encode(melDeviation, forKey: .melDeviation)
    }
}

/// A float32 in a file, infinite where the number there is larger.
private struct Rounded: Decodable {
    let value: Float

    init(from decoder: any Decoder) throws {
        let number = try decoder.singleValueContainer()
        // For a number beyond that range, the parser's own error is thrown.
        value = try (try? number.decode(Float.self)) ?? Float(try number.decode(Double.self))
    }
}

extension ClosedRange<Double> {
    fileprivate var text: String { "\(lowerBound) to \(upperBound)" }

    /// Whether the range contains a number, after its bounds are rounded to float32.
    fileprivate func containsRounded(_ number: Float) -> Bool {
        Float(lowerBound) <= number && number <= Float(upperBound)
    }
}
