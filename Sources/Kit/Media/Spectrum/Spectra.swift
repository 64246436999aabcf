/// Short-time spectra of a sound: complex numbers [channels, frames, bins], with alternating real and imaginary parts.
public struct Spectra: Sendable, Equatable {
    public let channels: Int
    public let frames: Int
    public let bins: Int
    /// [channels, frames, bins, 2].
    public var values: [Float]

    public init(channels: Int, frames: Int, bins: Int) {
        (self.channels, self.frames, self.bins) = (channels, frames, bins)
        values = [Float](repeating: 0, count: channels * frames * bins * 2)
    }

    /// The magnitudes: [channels, frames, bins].
    public var magnitudes: [Float] {
        (0..<values.count / 2).map { index in
            let (re, im) = (values[2 * index], values[2 * index + 1])
            return (re * re + im * im).squareRoot()
        }
    }
}
