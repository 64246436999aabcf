import Kit

/// `kit.media.loudness { samples = sound }`.
final class MeasureLoudness: MediaFunction {
    static let name = "loudness"
    static let summary =
        "Loudness by EBU R 128: a table with integrated, in LUFS, and true_peak, in dBTP. Either is nil if there is "
        + "nothing to measure: no part above the gate of -70 LUFS, or only silence. Sound shorter than 3 s is repeated."
    static let reference = "EBU R 128 and ITU-R BS.1770-4, by FFmpeg's libavfilter (ebur128)"
    static let returns: any OptionConvertible.Type = Options.self

    @Param("The sound, [samples, channels], full scale ±1.") var samples: Tensor
    @Param("Samples per second.", in: 1000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int = 48_000

    init() {}

    func construct() throws -> Any {
        try ofSound(samples, sampleRate) { sound in
            let loudness = try sound.loudness()
            return OptionValue.table(
                Options(named: [
                    ("integrated", loudness.integrated.optionValue), ("true_peak", loudness.truePeak.optionValue),
                ]))
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MeasureLoudness.self) }
