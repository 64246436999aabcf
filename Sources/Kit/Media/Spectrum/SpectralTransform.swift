import CFFTW
import Glibc
import KitCore

/// Transforms sound to complex short-time spectra and back, with a periodic Hann window, frame t centred on sample t ·
/// hop, and the sound mirrored at its ends, as `torch.stft` and `torch.istft` with `center=True`.
public final class SpectralTransform: @unchecked Sendable {
    public let fftSize: Int
    public let hop: Int
    public var bins: Int { fftSize / 2 + 1 }

    private let window: [Float]
    private let forward: FFTPlan
    private let backward: FFTPlan

    /// - Parameters:
    ///   - fftSize: the number of samples in a frame, an even number.
    ///   - hop: at most half of `fftSize`, so that every sample is within two windows.
    public init(fftSize: Int, hop: Int) throws {
        guard (4...1 << 20).contains(fftSize), fftSize % 2 == 0, (1...fftSize / 2).contains(hop) else {
            throw KitError.usage(
                "spectra of \(fftSize) samples every \(hop): expected an even size from 4 to 2^20 and a hop up to half of it"
            )
        }
        (self.fftSize, self.hop) = (fftSize, hop)
        window = (0..<fftSize).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(fftSize))) }
        let room = Room(fftSize)
        forward = FFTPlan { fftwf_plan_dft_r2c_1d(Int32(fftSize), room.sound, room.spectrum, FFTW_ESTIMATE) }
        backward = FFTPlan { fftwf_plan_dft_c2r_1d(Int32(fftSize), room.spectrum, room.sound, FFTW_ESTIMATE) }
    }

    public func frameCount(samples: Int) -> Int { samples / hop + 1 }

    /// The spectra of a sound.
    public func callAsFunction(_ sound: Waveform) -> Spectra {
        let frames = frameCount(samples: sound.count)
        var spectra = Spectra(channels: sound.channels, frames: frames, bins: bins)
        guard sound.count > 0 else { return spectra }
        sound.values.withUnsafeBufferPointer { source in
            spectra.values.withUnsafeMutableBufferPointer { target in
                nonisolated(unsafe) let (source, target) = (source.baseAddress!, target.baseAddress!)
                ThreadPool.shared.forEachRange(sound.channels * frames, grain: 64) { range in
                    let room = Room(fftSize)
                    for index in range {
                        let signal = source + index / frames * sound.count
                        cut(signal, sound.count, at: index % frames * hop - fftSize / 2, into: room.sound)
                        fftwf_execute_dft_r2c(forward.plan, room.sound, room.spectrum)
                        (target + index * bins * 2).update(from: room.parts, count: bins * 2)
                    }
                }
            }
        }
        return spectra
    }

    /// The sound whose spectra fit best: windowed frames are added and divided by the sum of the squared windows.
    /// Samples without a frame are silent.
    public func inverse(_ spectra: Spectra, samples: Int, sampleRate: Int) -> Waveform {
        precondition(spectra.bins == bins, "spectra of another transform")
        var sound = Waveform(channels: spectra.channels, count: samples, sampleRate: sampleRate)
        let weights = self.weights(spectra.frames, samples)
        spectra.values.withUnsafeBufferPointer { source in
            sound.values.withUnsafeMutableBufferPointer { target in
                guard samples > 0 else { return }
                nonisolated(unsafe) let (source, target) = (source.baseAddress!, target.baseAddress!)
                ThreadPool.shared.forEach(spectra.channels) { channel in
                    let room = Room(fftSize)
                    let signal = target + channel * samples
                    for frame in 0..<spectra.frames {
                        // The transform overwrites its input.
                        let from = source + (channel * spectra.frames + frame) * bins * 2
                        room.parts.update(from: from, count: bins * 2)
                        fftwf_execute_dft_c2r(backward.plan, room.spectrum, room.sound)
                        let begin = frame * hop - fftSize / 2
                        for n in covered(from: begin, samples) {
                            signal[n] += room.sound[n - begin] * window[n - begin]
                        }
                    }
                    for n in 0..<samples { signal[n] *= weights[n] }
                }
            }
        }
        return sound
    }

    private func cut(
        _ signal: UnsafePointer<Float>, _ count: Int, at begin: Int, into frame: UnsafeMutablePointer<Float>
    ) {
        if begin >= 0, begin + fftSize <= count {
            for i in 0..<fftSize { frame[i] = signal[begin + i] * window[i] }
        } else {
            for i in 0..<fftSize { frame[i] = signal[STFT.mirrored(begin + i, count)] * window[i] }
        }
    }

    /// The factor of each sample of the added frames: FFTW's forward and inverse transforms multiply by `fftSize`.
    private func weights(_ frames: Int, _ samples: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: samples)
        for frame in 0..<frames {
            let begin = frame * hop - fftSize / 2
            for n in covered(from: begin, samples) {
                sums[n] += Double(window[n - begin] * window[n - begin])
            }
        }
        return sums.map { $0 > 1e-11 ? Float(1 / ($0 * Double(fftSize))) : 0 }
    }

    /// The samples of a sound in a frame.
    private func covered(from begin: Int, _ samples: Int) -> Range<Int> {
        let first = min(max(0, begin), samples)
        return first..<max(first, min(samples, begin + fftSize))
    }

    /// Memory that FFTW's vector code can use as it is.
    private final class Room {
        let sound: UnsafeMutablePointer<Float>
        let spectrum: UnsafeMutablePointer<fftwf_complex>
        var parts: UnsafeMutablePointer<Float> { UnsafeMutableRawPointer(spectrum).assumingMemoryBound(to: Float.self) }

        init(_ fftSize: Int) {
            sound = fftwf_alloc_real(fftSize)
            spectrum = fftwf_alloc_complex(fftSize / 2 + 1)
        }

        deinit {
            fftwf_free(sound)
            fftwf_free(spectrum)
        }
    }
}
