import Kit

/// `kit.media.write_audio { path = "view.flac", samples = sound }`: writes a tensor as a sound file.
final class WriteAudio: MediaFunction {
    static let name = "write_audio"
    static let summary =
        "Writes a tensor [samples, channels], full scale ±1, as a sound file: "
        + "\(Container.soundFileEndings.map { ".\($0)" }.joined(separator: ", ")). A .wav holds 32-bit floats, a .flac 24 bits."
    static let reference = "libsndfile for .wav and .flac; FFmpeg's libavformat and libavcodec for the others"
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file to write; the extension decides its kind.") var path: String
    @Param("The sound, [samples, channels].") var samples: Tensor
    @Param("Samples per second.", in: 1000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int = 48_000

    init() {}

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        try ofSound(samples, sampleRate) { try $0.write(path) }
        return ()
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WriteAudio.self) }
