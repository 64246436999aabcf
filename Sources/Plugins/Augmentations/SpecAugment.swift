import Kit

/// Masks ranges of time and bands of a spectrogram.
final class SpecAugment: SpectrogramAugmentation {
    static let name = "spec_augment"
    static let summary = "Masks random ranges of time and random mel bands of a spectrogram, the same in all channels."
    static let reference =
        "Park et al. 2019 (SpecAugment), without time warping; torchaudio TimeMasking and FrequencyMasking."

    @Param("Number of masks along time.", in: 0...100, from: .inferred) var timeMasks: Int = 2
    @Param("Largest width of a time mask.", in: 0...100_000, unit: "frames", from: .ours) var timeWidth: Int = 40
    @Param("Number of masks along the mel bands.", in: 0...100, from: .inferred) var melMasks: Int = 2
    @Param("Largest width of a mel mask.", in: 0...4096, unit: "bands", from: .ours) var melWidth: Int = 12
    @Param(
        "Value under the masks; nil is the mean of the spectrogram before masking, as in the paper.",
        from: .inferred)
    var fill: Double? = nil

    func apply(to spectrogram: ClipSpectrogram, _ random: inout RandomStream) {
        let count = spectrogram.time * spectrogram.mel * spectrogram.channels
        let value = Float(fill ?? (0..<count).reduce(0.0) { $0 + Double(spectrogram.values[$1]) } / Double(count))
        for _ in 0..<timeMasks {
            let frames = ClipSpectrogram.maskRange(of: spectrogram.time, upTo: timeWidth, &random)
            spectrogram.fill(frames: frames, bands: 0..<spectrogram.mel, with: value)
        }
        for _ in 0..<melMasks {
            let bands = ClipSpectrogram.maskRange(of: spectrogram.mel, upTo: melWidth, &random)
            spectrogram.fill(frames: 0..<spectrogram.time, bands: bands, with: value)
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SpecAugment.self) }
