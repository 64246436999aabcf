import Kit

/// `kit.media.filter_audio { samples = sound, filters = "rubberband=tempo=1.2:formant=preserved" }`.
final class FilterAudio: MediaFunction {
    static let name = "filter_audio"
    static let summary =
        "Sound behind a chain of FFmpeg's sound filters: tempo and pitch (rubberband, atempo), equalisers, limiters... "
        + "Returns a tensor [samples, channels], which may be shorter or longer."
    static let reference = "FFmpeg's libavfilter; its manual of filters lists them"
    static let returns: any OptionConvertible.Type = Tensor.self

    @Param("The sound, [samples, channels], full scale ±1.") var samples: Tensor
    @Param("The filters, as on FFmpeg's command line: name=option=value:option=value, separated by commas.")
    var filters: String
    @Param("Samples per second.", in: 1000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int = 48_000

    init() {}

    func construct() throws -> Any {
        try ofSound(samples, sampleRate) { Tensor(try $0.filtered(filters)) }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FilterAudio.self) }
