import KitCore

/// Sound as numbers: `values` is [channels, count], full scale is ±1.
public struct Waveform: Sendable, Equatable {
    public let channels: Int
    /// The number of samples per channel.
    public let count: Int
    /// Samples per second.
    public let sampleRate: Int
    public var values: [Float]

    /// The sample rates that the kit takes, in Hz.
    public static let sampleRates = 1_000...768_000

    public init(channels: Int, count: Int, sampleRate: Int) {
        self.init(
            channels: channels, count: count, sampleRate: sampleRate,
            values: [Float](repeating: 0, count: channels * count))
    }

    public init(channels: Int, count: Int, sampleRate: Int, values: [Float]) {
        precondition(values.count == channels * count, "a waveform of \(channels) x \(count) needs that many values")
        self.channels = channels
        self.count = count
        self.sampleRate = sampleRate
        self.values = values
    }

    /// Joins pieces of one sound; at least one.
    public init(joining parts: [Waveform]) {
        self.init(
            channels: parts[0].channels, count: parts.reduce(0) { $0 + $1.count }, sampleRate: parts[0].sampleRate,
            values: (0..<parts[0].channels).flatMap { channel in parts.flatMap { $0[channel: channel] } })
    }

    public var duration: Double { Double(count) / Double(sampleRate) }

    /// One channel's samples.
    public subscript(channel channel: Int) -> ArraySlice<Float> { values[channel * count..<(channel + 1) * count] }

    /// Mono as stereo.
    public var duplicated: Waveform {
        precondition(channels == 1, "only mono is duplicated")
        return Waveform(channels: 2, count: count, sampleRate: sampleRate, values: values + values)
    }

    /// A range of its samples.
    public func part(_ range: Range<Int>) -> Waveform {
        let values = (0..<channels).flatMap { self[channel: $0].dropFirst(range.lowerBound).prefix(range.count) }
        return Waveform(channels: channels, count: range.count, sampleRate: sampleRate, values: values)
    }

    /// Cut to a number of samples, or padded with silence.
    public func fitted(to wanted: Int) -> Waveform {
        var result = Waveform(channels: channels, count: wanted, sampleRate: sampleRate)
        for channel in 0..<channels {
            let kept = self[channel: channel].prefix(wanted)
            result.values.replaceSubrange(channel * wanted..<channel * wanted + kept.count, with: kept)
        }
        return result
    }
}
