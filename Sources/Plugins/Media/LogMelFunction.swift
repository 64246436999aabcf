import Kit

/// `kit.media.log_mel { samples = sound }`.
final class LogMelFunction: MediaFunction {
    static let name = "log_mel"
    static let summary = "The log-mel spectrogram of a sound, as encoders read it: a tensor [time, mel, channels]."
    static let reference = "arXiv 2304.05600"
    static let returns: any OptionConvertible.Type = Tensor.self

    @Param("The sound, [samples, channels], full scale ±1.") var samples: Tensor
    @Param(
        "Samples per second; other rates than the spectrogram's are resampled.", in: 1000...192_000, unit: "Hz",
        from: .authorsCode)
    var sampleRate: Int = 48_000
    @Param(
        "Settings: v1 (96 bands x 280 frames in 3 s are paper-stated, window and hop inferred from them), v2 (the authors' code), v2_stereo, or a table of settings.",
        from: .paper)
    var mel: MelChoice = .v1

    init() {}

    func construct() throws -> Any {
        try ofSound(samples, sampleRate) { sound in
            let spectrogram = try LogMel(mel.settings)
            let resampled = try sound.resampled(to: mel.settings.sampleRate)
            let shape = spectrogram.shape(channels: resampled.channels, samples: resampled.count)
            guard shape[0] > 0 else {
                throw KitError.usage(
                    "option 'samples' has \(counted(resampled.count, "sample")) at \(mel.settings.sampleRate) Hz: expected at least "
                        + "\(mel.settings.fftSize), one window")
            }
            return Tensor(try spectrogram(resampled), shape)
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LogMelFunction.self) }
