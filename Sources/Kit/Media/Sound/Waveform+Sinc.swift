import Glibc
import KitCore

extension Waveform {
    /// The sound at another rate, as by torchaudio's `resample` with its defaults: a sinc at 0.99 of the lower Nyquist
    /// frequency, cut off by a Hann window after six zero crossings. It takes any two rates, and only their quotient
    /// counts. Reading sound uses ``Resampler``, whose filter is steeper.
    ///
    /// - Returns: ceil(count · to / from) samples, labelled with this sound's own `sampleRate`.
    package func interpolated(from: Int, to: Int) -> Waveform {
        if from == to { return self }
        let length = (count * to + from - 1) / from
        var result = Waveform(channels: channels, count: length, sampleRate: sampleRate)
        let crossings = 6.0
        // The number of zero crossings per sample.
        let pace = 0.99 * Double(min(from, to)) / Double(from)
        let reach = crossings / pace
        let (turn, fade) = (Rotation(angle: .pi * pace), Rotation(angle: .pi * pace / crossings))
        values.withUnsafeBufferPointer { source in
            result.values.withUnsafeMutableBufferPointer { target in
                nonisolated(unsafe) let (source, target) = (source.baseAddress!, target.baseAddress!)
                ThreadPool.shared.forEachRange(length, grain: 1024) { range in
                    var weights = [Double](repeating: 0, count: Int(2 * reach) + 2)
                    for place in range {
                        // Whole samples and fractions are kept separately, so that precision is not lost in long
                        // sounds.
                        let (whole, rest) = (place * from / to, Double(place * from % to) / Double(to))
                        let first = Int((rest - reach).rounded(.up))
                        let taps = Int((rest + reach).rounded(.down)) - first + 1
                        let start = (Double(first) - rest) * pace
                        var (wave, window) = (Rotation(angle: .pi * start), Rotation(angle: .pi * start / crossings))
                        for tap in 0..<taps {
                            let angle = Double.pi * (start + Double(tap) * pace)
                            let sinc = abs(angle) < 1e-6 ? 1 : wave.sine / angle
                            weights[tap] = sinc * (1 + window.cosine) / 2 * pace
                            wave.turn(by: turn)
                            window.turn(by: fade)
                        }
                        let (low, high) = (max(0, -(whole + first)), min(taps, count - whole - first))
                        for channel in 0..<channels {
                            let samples = source + channel * count + whole + first
                            var sum = 0.0
                            for tap in low..<max(low, high) { sum += weights[tap] * Double(samples[tap]) }
                            target[channel * length + place] = Float(sum)
                        }
                    }
                }
            }
        }
        return result
    }
}

/// A point on the unit circle, which gives sines in equal steps with one multiplication each.
private struct Rotation {
    var cosine: Double
    var sine: Double

    init(angle: Double) { (cosine, sine) = (cos(angle), sin(angle)) }

    mutating func turn(by other: Rotation) {
        (cosine, sine) = (cosine * other.cosine - sine * other.sine, sine * other.cosine + cosine * other.sine)
    }
}
