import Foundation
import Kit
import TestSupport
import Testing

@Suite struct SpectralTransformTests {
    @Test(arguments: [(256, 64), (256, 128), (400, 100)]) func backIsWhereItCameFrom(size: Int, hop: Int) throws {
        let transform = try SpectralTransform(fftSize: size, hop: hop)
        for count in [1, 5, size / 2, size, 3000] {
            let sound = TestFilm.noise(seconds: Double(count) / 8000, rate: 8000)
            let spectra = transform(sound)
            #expect(spectra.frames == count / hop + 1 && spectra.bins == size / 2 + 1)
            let back = transform.inverse(spectra, samples: count, sampleRate: 8000)
            #expect(zip(back.values, sound.values).allSatisfy { abs($0 - $1) < 1e-6 }, "\(count)")
        }
    }

    /// The powers that log-mel is made of, which equal torchaudio's.
    @Test func magnitudesAreThoseOfLogMel() throws {
        let sound = TestFilm.noise(seconds: 0.2, channels: 1)
        let spectra = try SpectralTransform(fftSize: 512, hop: 128)(sound)
        let plain = try STFT(fftSize: 512, hop: 128, isCentred: true)
        #expect(plain.frameCount(samples: sound.count) == spectra.frames)
        let magnitudes = spectra.magnitudes
        plain.forEachFrame(sound.values, samples: sound.count, frames: spectra.frames) { frame, powers in
            for bin in 0..<spectra.bins {
                let expected = powers[bin].squareRoot()
                #expect(abs(magnitudes[frame * spectra.bins + bin] - expected) <= 1e-4 * (1 + expected))
            }
        }
    }

    @Test func wrongSizesAreNamed() {
        for (size, hop) in [(255, 64), (256, 200), (2, 1), (256, 0)] {
            let error = #expect(throws: KitError.self) { try SpectralTransform(fftSize: size, hop: hop) }
            #expect(error?.message.contains("spectra of \(size) samples every \(hop)") == true)
        }
    }
}
