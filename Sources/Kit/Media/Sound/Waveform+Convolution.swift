import CFFTW
import KitCore

extension Waveform {
    /// Convolves each channel with an impulse response, for example that of a room.
    ///
    /// - Parameters:
    ///   - impulse: the impulse response, at this sound's rate. It has one channel for each channel here, or one for
    ///     all.
    ///   - tail: whether to keep the `impulse.count` - 1 samples after the end; if not, the length stays the same.
    public func convolved(with impulse: Waveform, tail: Bool = false) -> Waveform {
        precondition(impulse.channels == 1 || impulse.channels == channels, "an impulse response of other channels")
        guard count > 0, impulse.count > 0 else {
            return Waveform(channels: channels, count: count, sampleRate: sampleRate)
        }
        let whole = count + impulse.count - 1
        let kept = tail ? whole : count
        var result = Waveform(channels: channels, count: kept, sampleRate: sampleRate)
        let transform = RealTransform(atLeast: whole)
        let responses = (0..<impulse.channels).map { transform.spectrum(of: impulse[channel: $0]) }
        for channel in 0..<channels {
            var spectrum = transform.spectrum(of: self[channel: channel])
            let response = responses[min(channel, responses.count - 1)]
            for bin in stride(from: 0, to: spectrum.count, by: 2) {
                let (a, b) = (spectrum[bin], spectrum[bin + 1])
                spectrum[bin] = a * response[bin] - b * response[bin + 1]
                spectrum[bin + 1] = a * response[bin + 1] + b * response[bin]
            }
            result.values.replaceSubrange(
                channel * kept..<(channel + 1) * kept, with: transform.sound(spectrum, kept))
        }
        return result
    }
}

/// A Fourier transform of real numbers, of a fast length, and its inverse.
private final class RealTransform {
    private let size: Int
    private let samples: UnsafeMutablePointer<Float>
    private let bins: UnsafeMutablePointer<fftwf_complex>
    private let forward: FFTPlan
    private let backward: FFTPlan

    init(atLeast length: Int) {
        // Lengths with small prime factors are fast, and there are many of them.
        size = (max(2, length)...).first { length in
            var rest = length
            for factor in [2, 3, 5] { while rest % factor == 0 { rest /= factor } }
            return rest == 1 && length % 2 == 0
        }!
        let (size, samples) = (size, fftwf_alloc_real(size)!)
        let bins = fftwf_alloc_complex(size / 2 + 1)!
        (self.samples, self.bins) = (samples, bins)
        forward = FFTPlan { fftwf_plan_dft_r2c_1d(Int32(size), samples, bins, FFTW_ESTIMATE) }
        backward = FFTPlan { fftwf_plan_dft_c2r_1d(Int32(size), bins, samples, FFTW_ESTIMATE) }
    }

    deinit {
        fftwf_free(samples)
        fftwf_free(bins)
    }

    private var parts: UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(bins).assumingMemoryBound(to: Float.self)
    }

    /// Alternating real and imaginary parts of the spectrum of the sound, padded with silence.
    func spectrum(of sound: ArraySlice<Float>) -> [Float] {
        sound.withUnsafeBufferPointer { samples.update(from: $0.baseAddress!, count: $0.count) }
        (samples + sound.count).update(repeating: 0, count: size - sound.count)
        fftwf_execute(forward.plan)
        return Array(UnsafeBufferPointer(start: parts, count: size + 2))
    }

    /// The first samples of the sound with this spectrum.
    func sound(_ spectrum: [Float], _ count: Int) -> [Float] {
        spectrum.withUnsafeBufferPointer { parts.update(from: $0.baseAddress!, count: $0.count) }
        fftwf_execute(backward.plan)
        let scale = 1 / Float(size)
        return (0..<count).map { samples[$0] * scale }
    }
}
