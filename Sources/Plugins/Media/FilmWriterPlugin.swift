import Kit

/// `kit.media.film_writer { path = "a.mkv", width = 320, height = 180, tracks = { "eng", "fra" } }`.
///
/// The film appears under its name when it is closed, by `close` or at the end of the scope of its `<close>` variable.
/// If an error ends the scope, or it is never closed, nothing is left behind.
final class FilmWriterPlugin: MediaFunction {
    static let name = "film_writer"
    static let summary =
        "Writes a film: H.264 video from [height, width, 3] in 0..1, and a tagged sound track for each language."

    @Param("The file to write; its extension decides the container: .mp4, .mov, .mkv ...") var path: String
    @Param("Width of a frame; an even number.", unit: "px") var width: Int
    @Param("Height of a frame; an even number.", unit: "px") var height: Int
    @Param("Frames per second.", in: 0.01...1000, from: .ours) var frameRate: Double = 25
    @Param("The languages of the sound tracks (ISO 639, BCP 47), each once, in the file's order.", from: .ours)
    var tracks: [String] = []
    @Param("Sample rate of the sound.", in: 8000...192_000, unit: "Hz", from: .ours) var sampleRate: Int = 48_000
    @Param("Number of channels in each sound track: 1 mono, 2 stereo.", in: 1...8, from: .ours) var channels: Int = 2
    @Param("Codec of the sound; nil is \(Container.codecText { $0.isSound ? nil : $0.writing?.sound }).", from: .ours)
    var codec: SoundCodec? = nil
    @Param("Bit rate of each sound track; nil for the codec's default.", unit: "bit/s", from: .ours) var bitRate: Int? =
        nil
    @Param("x264's constant rate factor: 0 is lossless, 51 the smallest file.", in: 0...51, from: .ours)
    var rateFactor: Int = 23

    init() {}

    static let returns: any OptionConvertible.Type = FilmInProgress.self
    func construct() throws -> Any { try FilmInProgress(self) }

    /// Sound codecs, by the names of `AudioCodec`.
    enum SoundCodec: String, ChoiceOption { case aac, opus, flac, mp3, vorbis, ac3, pcm16 }
}

/// A film that is being written.
final class FilmInProgress: ScriptObject {
    private let settings: FilmWriterPlugin
    private let languages: [Language]
    /// Nil after the film was closed or abandoned.
    private var writer: FilmWriter?
    private var frameCount = 0
    private var sampleCounts: [Int]

    init(_ settings: FilmWriterPlugin) throws {
        self.settings = settings
        languages = try settings.tracks.map { try Language($0) }
        sampleCounts = [Int](repeating: 0, count: languages.count)
        if let twice = languages.first(where: { language in languages.filter { $0 == language }.count > 1 }) {
            throw KitError.usage("kit.media.film_writer: option 'tracks' names \(twice) (\(twice.name)) more than once")
        }
        var format = FilmWriter.VideoFormat(width: settings.width, height: settings.height)
        format.frameRate = settings.frameRate
        format.rateFactor = settings.rateFactor
        let codec =
            try settings.codec.map { AudioCodec(rawValue: $0.rawValue)! }
            ?? Container.written(to: settings.path).writing.sound
        let sounds = languages.map { language in
            var sound = FilmWriter.Sound()
            sound.language = language
            sound.codec = codec
            sound.bitRate = settings.bitRate
            sound.sampleRate = settings.sampleRate
            sound.channels = settings.channels
            return sound
        }
        writer = try FilmWriter(settings.path, video: format, sounds: sounds)
    }

    /// Adds a frame, [height, width, 3].
    func write(frame: Tensor) throws {
        try check(frame, "frame", ["height", "width", "channels"], [settings.height, settings.width, 3])
        try write(frame.unsqueezed(axis: 0))
    }

    /// Adds frames, [time, height, width, 3].
    func write(frames: Tensor) throws {
        let expected = [nil, settings.height, settings.width, 3]
        try check(frames, "frames", ["time", "height", "width", "channels"], expected)
        try write(frames)
    }

    /// Adds sound to the track of a language, [samples, channels].
    func write(audio: Tensor, language text: String) throws {
        let language = try Language(text)
        guard let track = languages.firstIndex(of: language) else {
            throw KitError.usage(
                "audio: \(settings.path) has no track in \(language) (\(language.name)), only: "
                    + languages.map(\.description).joined(separator: ", "))
        }
        try check(audio, "audio", ["samples", "channels"], [nil, settings.channels])
        sampleCounts[track] += audio.shape[0]
        try open("audio").write(sound: Waveform(audio, sampleRate: settings.sampleRate), track: track)
    }

    /// Completes the film and renames it to its name. A second call does nothing.
    func close() throws {
        guard let writer else { return }
        self.writer = nil
        guard frameCount > 0 else {
            throw KitError.usage("close: no frame was written to \(settings.path), so there is no film")
        }
        try writer.finish()
    }

    /// Leaves no file behind.
    func giveUp() { writer = nil }

    private func write(_ frames: Tensor) throws {
        let writer = try open("frame")
        frameCount += frames.shape[0]
        try writer.write(frames: Frames(frames))
    }

    private func open(_ method: String) throws -> FilmWriter {
        guard let writer else { throw KitError.usage("\(method): \(settings.path) is closed") }
        return writer
    }

    /// Nil in `expected` means any extent but 0.
    private func check(_ tensor: Tensor, _ method: String, _ axes: [String], _ expected: [Int?]) throws {
        let fits =
            tensor.shape.rank == expected.count
            && zip(tensor.shape.extents, expected).allSatisfy { given, wanted in
                wanted.map { $0 == given } ?? (given > 0)
            }
        guard fits else {
            let wanted = zip(axes, expected).map { axis, extent in extent.map { "\(axis) \($0)" } ?? axis }
            throw KitError.usage(
                "\(method): expected [\(wanted.joined(separator: ", "))] for \(settings.path), "
                    + "but the shape is \(tensor.shape.described(by: axes))")
        }
        guard tensor.nonFiniteCount == 0 else {
            throw KitError(.nonFinite, "\(method): NaN or infinity in the data for \(settings.path)")
        }
    }
}

extension FilmInProgress {
    static var scriptTypeName: String { "film writer" }
    static var scriptSummary: String { "A film that is being written; it appears under its name when it is closed." }
    var scriptDescription: String {
        let state = writer == nil ? "closed" : "open"
        return "film writer \(settings.path), \(counted(frameCount, "frame")), \(state)"
    }

    static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "frame", on: FilmInProgress.self,
                "Adds a frame, [height, width, 3] in 0..1; values outside are clipped.",
                ScriptArgument("frame", Tensor.self)
            ) { film, frame in try film.write(frame: frame) },
            ScriptMethod(
                "frames", on: FilmInProgress.self, "Adds frames, [time, height, width, 3] in 0..1.",
                ScriptArgument("frames", Tensor.self)
            ) { film, frames in try film.write(frames: frames) },
            ScriptMethod(
                "audio", on: FilmInProgress.self,
                "Adds sound, [samples, channels] with full scale ±1, to the track of a language.",
                ScriptArgument("language", String.self), ScriptArgument("sound", Tensor.self)
            ) { film, language, sound in try film.write(audio: sound, language: language) },
            ScriptMethod("close", on: FilmInProgress.self, "Completes the film and renames it to its name.") {
                try $0.close()
            },
            ScriptMethod(
                "__close", on: FilmInProgress.self,
                "Completes the film at the end of its scope, or abandons it after an error.",
                ScriptArgument("failed", Bool.self)
            ) { film, failed in if failed { film.giveUp() } else { try film.close() } },
        ]
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FilmWriterPlugin.self) }
@section("dubkit_script_types") @used private let writer: PluginEntry = { registerScriptType(FilmInProgress.self) }
