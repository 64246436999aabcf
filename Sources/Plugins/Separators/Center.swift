import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Center.self) }

/// Removes sound that is both in the middle and harmonic, as speech usually is.
final class Center: SeparatorFactory, Separator {
    static let name = "center"
    static let summary =
        "Removes speech without training: sound in the middle of the stereo image that is harmonic rather than percussive and "
        + "in the frequency band of speech. Keeps the sides; mono sound has only a middle."
    static let reference =
        "Mid and side: the usual karaoke trick; Fitzgerald 2010, Harmonic/percussive separation using median filtering."

    @Param("Lower end of the band of speech.", in: 0...96_000, unit: "Hz", from: .ours, was: "lowest")
    var minFrequency: Double = 90
    @Param("Upper end of the band of speech.", in: 0...96_000, unit: "Hz", from: .ours, was: "highest")
    var maxFrequency: Double = 8000
    @Param("Length of a window, rounded to a power of two in samples.", in: 0.005...1, unit: "s", from: .ours)
    var window: Double = 0.043
    @Param("Length of the median along time.", in: 0.01...5, unit: "s", from: .ours) var harmonic: Double = 0.18
    @Param("Width of the median along frequency.", in: 10...10_000, unit: "Hz", from: .ours)
    var percussive: Double = 400

    private var transforms: [Int: SpectralTransform] = [:]

    init() {}

    func validate() throws {
        guard minFrequency < maxFrequency else {
            throw KitError.usage(
                "option 'min_frequency' must be below 'max_frequency' (\(maxFrequency)), but is \(minFrequency)")
        }
    }

    func make() throws -> any Separator { self }

    var sampleRate: Int? { nil }
    var scriptDescription: String { "\(Self.qualifiedName) from \(minFrequency) to \(maxFrequency) Hz" }

    func separate(block: Waveform) throws -> Waveform {
        let rate = Double(block.sampleRate)
        let transform = try self.transform(block.sampleRate)
        var spectra = transform(block)
        let (frames, bins) = (spectra.frames, spectra.bins)
        let size = frames * bins * 2
        var middle = Spectra(channels: 1, frames: frames, bins: bins)
        for index in 0..<size { middle.values[index] = (spectra.values[index] + spectra.values[size + index]) / 2 }
        let binWidth = rate / Double(transform.fftSize)
        let harmonics = HarmonicMask(
            frames: frames, bins: bins, timeReach: Int(harmonic * rate / Double(transform.hop) / 2),
            binReach: Int(percussive / binWidth / 2)
        ).mask(middle.magnitudes)
        let band = (0..<bins).filter { (minFrequency...maxFrequency).contains(Double($0) * binWidth) }
        for frame in 0..<frames {
            for bin in band {
                let index = frame * bins + bin
                for part in 2 * index...2 * index + 1 {
                    let speech = harmonics[index] * middle.values[part]
                    spectra.values[part] -= speech
                    spectra.values[size + part] -= speech
                }
            }
        }
        return transform.inverse(spectra, samples: block.count, sampleRate: block.sampleRate)
    }

    /// The transform for a sample rate, with a hop of a quarter of the window.
    private func transform(_ rate: Int) throws -> SpectralTransform {
        if let known = transforms[rate] { return known }
        let size = 1 << max(4, Int(log2(window * Double(rate)).rounded()))
        let made = try SpectralTransform(fftSize: size, hop: size / 4)
        transforms[rate] = made
        return made
    }
}
