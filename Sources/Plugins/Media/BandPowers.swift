import Kit

/// `kit.media.band_powers { samples = sound }`.
final class BandPowers: MediaFunction {
    static let name = "band_powers"
    static let summary =
        "The mean power of a sound in third-octave bands from 100 Hz to 8 kHz: a table with centres, in Hz, and powers, "
        + "lists of 20 numbers."
    static let reference = "IEC 61260-1"
    static let returns: any OptionConvertible.Type = Options.self

    @Param("The sound, [samples, channels].") var samples: Tensor
    @Param("Samples per second.", in: 1000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int = 48_000

    init() {}

    func construct() throws -> Any {
        try ofSound(samples, sampleRate) { sound in
            OptionValue.table(
                Options(named: [
                    ("centres", .list(Waveform.bandCentres.map { .number($0) })),
                    ("powers", .list(try sound.bandPowers().map { .number($0) })),
                ]))
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BandPowers.self) }
