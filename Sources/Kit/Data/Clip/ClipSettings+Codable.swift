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
        mean = try values.decode([Float].self, forKey: .mean)
        deviation = try values.decode([Float].self, forKey: .deviation)
        mel = try values.decodeIfPresent(LogMel.Settings.self, forKey: .mel).map(LogMel.init)
        melMean = try values.decode(Float.self, forKey: .melMean)
        melDeviation = try values.decode(Float.self, forKey: .melDeviation)
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
        try expect(.mean, mean.count == 3 && mean.allSatisfy(\.isFinite), "three numbers", mean)
        try expect(
            .deviation, deviation.count == 3 && deviation.allSatisfy { $0 > 0 && $0.isFinite },
            "three numbers above 0", deviation)
        try expect(.melMean, melMean.isFinite, "a number", melMean)
        try expect(.melDeviation, melDeviation > 0 && melDeviation.isFinite, "a number above 0", melDeviation)
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
