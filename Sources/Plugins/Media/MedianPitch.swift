import Kit

/// `kit.media.median_pitch { samples = voice }`.
final class MedianPitch: MediaFunction {
    static let name = "median_pitch"
    static let summary =
        "The median pitch of a voice in Hz, between 60 and 500 Hz, over the moments at which it has one; nil if it never has."
    static let reference =
        "YIN: de Cheveigné and Kawahara 2002, \"YIN, a fundamental frequency estimator for speech and music\""
    static let returns: any OptionConvertible.Type = Double?.self

    @Param("The sound, [samples, channels].") var samples: Tensor
    @Param("Samples per second.", in: 1000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int = 48_000

    init() {}

    func construct() throws -> Any {
        try ofSound(samples, sampleRate) { try $0.medianPitch().optionValue }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MedianPitch.self) }
