import CFFTW
import CKernels
import Glibc
import KitCore

/// Short-time power spectra of real signals: a periodic Hann window, one complex transform for two frames.
///
/// Two real frames become the real and imaginary parts of one complex signal, whose spectrum contains both. FFTW
/// transforms it three times as fast as two real signals. Rounding errors of one frame affect the other, so frames of
/// very different loudness are transformed separately.
public final class STFT: @unchecked Sendable {
    public let fftSize: Int
    public let hop: Int
    /// If true, frame t is centred on sample t · hop of the signal, which is mirrored at its ends; otherwise it begins
    /// there.
    public let isCentred: Bool
    public var binCount: Int { fftSize / 2 + 1 }

    private let window: [Float]
    private let plan: FFTPlan

    public init(fftSize: Int, hop: Int, isCentred: Bool) throws {
        guard (2...1 << 20).contains(fftSize), fftSize % 2 == 0, hop > 0 else {
            throw KitError.usage(
                "a spectrum of \(fftSize) samples every \(hop): expected an even size up to 2^20 and a hop > 0")
        }
        self.fftSize = fftSize
        self.hop = hop
        self.isCentred = isCentred
        // Halved, since `pair_powers` gives four times the powers.
        window = (0..<fftSize).map { Float(0.25 - 0.25 * cos(2 * Double.pi * Double($0) / Double(fftSize))) }
        let scratch = Scratch(fftSize: fftSize)
        plan = FFTPlan {
            fftwf_plan_dft_1d(Int32(fftSize), scratch.pair, scratch.spectrum, FFTW_FORWARD, FFTW_ESTIMATE)
        }
    }

    /// The number of frames of a signal of `samples`.
    public func frameCount(samples: Int) -> Int {
        let padded = isCentred ? samples + 2 * (fftSize / 2) : samples
        return padded < fftSize ? 0 : (padded - fftSize) / hop + 1
    }

    /// Calls `body(frame, power)` for the first `frames` frames; `power` is |X|² of `binCount` bins, valid during the call.
    public func forEachFrame(
        _ signal: UnsafePointer<Float>, samples: Int, frames: Int, _ body: (Int, UnsafePointer<Float>) -> Void
    ) {
        let scratch = Scratch(fftSize: fftSize)
        for first in stride(from: 0, to: frames, by: 2) {
            let x = sound(ofFrame: first, signal, samples, scratch.mirrored.0)
            let y = first + 1 < frames ? sound(ofFrame: first + 1, signal, samples, scratch.mirrored.1) : nil
            if let y, transform(x, y, scratch, ifAlike: true) {
                body(first, scratch.powers.0)
                body(first + 1, scratch.powers.1)
                continue
            }
            for (frame, alone) in [(first, x), (first + 1, y)] {
                guard let alone else { continue }
                transform(alone, scratch.silence, scratch, ifAlike: false)
                body(frame, scratch.powers.0)
            }
        }
    }

    /// Transforms two frames together and returns true. If `mustBeAlike` and they differ by 40 dB or more, or if one is
    /// not finite, returns false without a transform.
    @discardableResult
    private func transform(
        _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ scratch: Scratch, ifAlike: Bool
    ) -> Bool {
        let kernels = dk_active.pointee
        var energies: (Float, Float) = (0, 0)
        kernels.pair_frames(x, y, window, scratch.pairParts, &energies.0, &energies.1, fftSize)
        let (low, high) = (min(energies.0, energies.1), max(energies.0, energies.1))
        if ifAlike, !(high <= 1e4 * low) { return false }
        fftwf_execute_dft(plan.plan, scratch.pair, scratch.spectrum)
        kernels.pair_powers(scratch.spectrumParts, scratch.powers.0, scratch.powers.1, fftSize)
        return true
    }

    /// A pointer to a frame's samples: in the signal, or in `room` if some of them are mirrored.
    private func sound(
        ofFrame frame: Int, _ signal: UnsafePointer<Float>, _ samples: Int, _ room: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        let begin = frame * hop - (isCentred ? fftSize / 2 : 0)
        if begin >= 0, begin + fftSize <= samples { return signal + begin }
        for i in 0..<fftSize { room[i] = signal[Self.mirrored(begin + i, samples)] }
        return UnsafePointer(room)
    }

    /// Mirrors an index at the first and last samples, as often as necessary.
    static func mirrored(_ index: Int, _ samples: Int) -> Int {
        guard samples > 1 else { return 0 }
        let period = 2 * (samples - 1)
        let folded = ((index % period) + period) % period
        return folded < samples ? folded : period - folded
    }

    /// Memory that FFTW's vector code can use as it is.
    private final class Scratch {
        let pair: UnsafeMutablePointer<fftwf_complex>
        let spectrum: UnsafeMutablePointer<fftwf_complex>
        let powers: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
        let mirrored: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
        let silence: UnsafeMutablePointer<Float>
        var pairParts: UnsafeMutablePointer<Float> { Self.parts(pair) }
        var spectrumParts: UnsafeMutablePointer<Float> { Self.parts(spectrum) }

        init(fftSize: Int) {
            (pair, spectrum) = (fftwf_alloc_complex(fftSize), fftwf_alloc_complex(fftSize))
            powers = (fftwf_alloc_real(fftSize / 2 + 1), fftwf_alloc_real(fftSize / 2 + 1))
            mirrored = (fftwf_alloc_real(fftSize), fftwf_alloc_real(fftSize))
            silence = fftwf_alloc_real(fftSize)
            silence.update(repeating: 0, count: fftSize)
        }

        private static func parts(_ numbers: UnsafeMutablePointer<fftwf_complex>) -> UnsafeMutablePointer<Float> {
            UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Float.self)
        }

        deinit {
            for memory in [powers.0, powers.1, mirrored.0, mirrored.1, silence] { fftwf_free(memory) }
            fftwf_free(pair)
            fftwf_free(spectrum)
        }
    }
}
