import Glibc
import KitCore

extension Spectra {
    /// The spectra of the sound played faster by the factor `rate` at the same pitch, with a phase vocoder (Flanagan
    /// and Golden 1966; Laroche and Dolson 1999) as in torchaudio's `phase_vocoder`. The result has ceil(frames / rate)
    /// frames.
    ///
    /// - Parameter hop: samples from one frame to the next.
    func stretched(rate: Double, hop: Int) -> Spectra {
        let frames = Int((Double(self.frames) / rate).rounded(.up))
        var result = Spectra(channels: channels, frames: frames, bins: bins)
        values.withUnsafeBufferPointer { source in
            result.values.withUnsafeMutableBufferPointer { target in
                nonisolated(unsafe) let (source, target) = (source.baseAddress!, target.baseAddress!)
                ThreadPool.shared.forEachRange(channels * bins, grain: 64) { range in
                    for index in range {
                        let (channel, bin) = (index / bins, index % bins)
                        let advance = Double.pi * Double(hop) * Double(bin) / Double(bins - 1)
                        stretch(
                            source + (channel * self.frames * bins + bin) * 2,
                            into: target + (channel * frames * bins + bin) * 2, frames, rate, advance)
                    }
                }
            }
        }
        return result
    }

    /// One bin of one channel.
    private func stretch(
        _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ frames: Int, _ rate: Double,
        _ advance: Double
    ) {
        /// The magnitude and phase at a frame; silence after the last.
        func polar(_ frame: Int) -> (size: Double, angle: Double) {
            guard frame < self.frames else { return (0, 0) }
            let (x, y) = (Double(source[frame * bins * 2]), Double(source[frame * bins * 2 + 1]))
            return ((x * x + y * y).squareRoot(), atan2(y, x))
        }
        var phase = polar(0).angle
        for frame in 0..<frames {
            let time = Double(frame) * rate
            let (before, part) = (Int(time), time - time.rounded(.down))
            let (one, other) = (polar(before), polar(before + 1))
            let size = (1 - part) * one.size + part * other.size
            target[frame * bins * 2] = Float(size * cos(phase))
            target[frame * bins * 2 + 1] = Float(size * sin(phase))
            let turn = other.angle - one.angle - advance
            phase += advance + turn - 2 * .pi * (turn / (2 * .pi)).rounded(.toNearestOrEven)
            // Wrapped, so that precision is not lost over thousands of frames.
            phase -= 2 * .pi * (phase / (2 * .pi)).rounded(.down)
        }
    }
}

extension Waveform {
    /// The same sound some semitones higher, with the same length: stretched by a phase vocoder, then resampled, as
    /// torchaudio's `pitch_shift`.
    ///
    /// - Parameters:
    ///   - semitones: the change of pitch; negative values lower it.
    ///   - fftSize: the size of the vocoder's frames, whose hop is a quarter of it.
    public func pitchShifted(semitones: Double, fftSize: Int = 512) throws -> Waveform {
        guard count > 0, semitones != 0 else { return self }
        let rate = pow(2, -semitones / 12)
        let transform = try SpectralTransform(fftSize: fftSize, hop: fftSize / 4)
        let longer = Int((Double(count) / rate).rounded(.toNearestOrEven))
        let stretched = transform.inverse(
            transform(self).stretched(rate: rate, hop: transform.hop), samples: longer, sampleRate: sampleRate)
        let shifted = stretched.interpolated(from: Int(Double(sampleRate) / rate), to: sampleRate)
        return shifted.fitted(to: count)
    }
}
