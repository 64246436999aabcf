import Kit

/// `kit.media.read_audio { path = "speech.wav" }`: a sound file, or one track of a film, as a tensor.
final class ReadAudio: MediaFunction {
    static let name = "read_audio"
    static let summary = "Reads a sound file or a film's track as stereo: a tensor [samples, 2], full scale ±1."

    @Param("A sound file or a film.") var path: String
    @Param("Sample rate of the result.", in: 1000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int =
        48_000
    @Param("The track's language (ISO 639, BCP 47); nil if there is only one track.", from: .ours)
    var language: String? = nil
    @Param("Start on the film's time line.", in: 0...1e9, unit: "s", from: .ours) var start: Double = 0
    @Param("Duration to read; nil reads to the end.", unit: "s", from: .ours) var duration: Double? = nil

    init() {}

    static let returns: any OptionConvertible.Type = Tensor.self
    func construct() throws -> Any {
        let film = try Film(path)
        return try film.audio(language: language, start: start, duration: duration, sampleRate: sampleRate)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadAudio.self) }
