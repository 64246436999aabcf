import Kit

/// A film or sound file that a recipe opens.
final class Film: ScriptObject {
    private let path: String
    private var file: MediaFile?
    /// The film with its sidecar sounds.
    private let source: ClipSource

    init(_ path: String) throws {
        self.path = path
        file = try MediaFile(path)
        source = try FilmFolder.list(path).sources[0]
    }

    /// `count` frames uniformly spaced over a segment of time, as [time, height, width, 3] in 0...1.
    ///
    /// By default, frames have the film's size with square pixels. Another size takes the largest centred part with its
    /// proportions.
    func frames(start: Double, duration: Double, count: Int, height: Int?, width: Int?) throws -> Tensor {
        let file = try open("frames")
        let video = try file.requireVideo()
        return Tensor(
            try file.readFrames(
                start: start, duration: duration, count: count, width: width ?? video.squareWidth,
                height: height ?? video.height))
    }

    /// A segment of a sound track as stereo, [samples, 2].
    ///
    /// Throws without a language if there are several tracks, or none.
    func audio(language: String?, start: Double, duration: Double?, sampleRate: Int) throws -> Tensor {
        let file = try open("audio")
        if let named = try sidecarLanguage(language) {
            return Tensor(
                try MediaFilmReader().audio(
                    of: source, language: named, start: start, duration: duration ?? file.duration - start,
                    sampleRate: sampleRate))
        }
        let track = try track(of: file, language)
        guard let duration else {
            return Tensor(try file.readAudio(track: track, from: start, sampleRate: sampleRate))
        }
        return Tensor(try file.readAudio(track: track, start: start, duration: duration, sampleRate: sampleRate))
    }

    /// How much softer a sound track of more than two channels is in stereo, in dB; nil for one or two channels.
    ///
    /// Throws without a language if there are several tracks, or none.
    func mixingLoss(language: String?) throws -> Double? {
        let file = try open("mixing_loss")
        if let named = try sidecarLanguage(language) {
            let (file, track) = try MediaFilmReader().track(of: source, named)
            return try file.mixingLoss(of: track)
        }
        return try file.mixingLoss(of: track(of: file, language))
    }

    /// The language, if a sound file next to the film has it.
    private func sidecarLanguage(_ language: String?) throws -> Language? {
        try language.map { try Language($0) }.flatMap { named in
            source.tracks.contains { $0.language.matches(named) } ? named : nil
        }
    }

    private func track(of file: MediaFile, _ language: String?) throws -> AudioTrack {
        try language.map { try file.track(language: Language($0)) } ?? onlyTrack(of: file)
    }

    /// The subtitles in a language, from the film's own tracks and the files next to it.
    func subtitles(language: String?) throws -> [Subtitle] {
        try FilmSubtitles(open("subtitles")).entries(language.map { try Language($0) })
    }

    func close() { file = nil }

    private func onlyTrack(of file: MediaFile) throws -> AudioTrack {
        guard let track = file.audioTracks.first, file.audioTracks.count == 1 else {
            throw KitError(.badData, "\(file.name): which sound track? Give a language; it has \(file.trackList)")
        }
        return track
    }

    private func open(_ method: String) throws -> MediaFile {
        guard let file else { throw KitError.usage("\(method): \(path) is closed") }
        return file
    }
}

extension Film {
    static var scriptTypeName: String { "film" }
    static var scriptSummary: String { "A film or a sound file: its tracks, and its frames and sound as tensors." }

    var scriptDescription: String {
        guard let file else { return "film \(path), closed" }
        let video =
            file.video.map { "\($0.squareWidth)x\($0.height) at \($0.frameRate.optionText) frames/s" } ?? "no video"
        let sidecars = source.tracks.map { ", next to it \($0.language)" }.joined()
        return "film \(path): \(file.duration.optionText) s, \(video), \(file.trackList)\(sidecars)"
    }

    /// With a table of the sound tracks.
    var scriptDisplay: String {
        guard let file, !file.audioTracks.isEmpty else { return scriptDescription }
        let rows = file.audioTracks.map { track in
            [
                "\(track.index)", track.language.description, track.codec, "\(track.channels)",
                "\(track.sampleRate) Hz",
                "\(track.start.optionText) s", track.title ?? "",
            ]
        }
        let titles = ["track", "language", "codec", "channels", "rate", "start", "title"]
        return "\(scriptDescription)\n\(TextTable.text([titles] + rows))"
    }

    static var scriptFields: [ScriptField] {
        [
            ScriptField("path", on: Film.self, String.self) { $0.path },
            ScriptField("duration", on: Film.self, Double.self) { $0.file?.duration },
            ScriptField("width", on: Film.self, Int?.self) { .some($0.file?.video?.squareWidth) },
            ScriptField("height", on: Film.self, Int?.self) { .some($0.file?.video?.height) },
            ScriptField("frame_rate", on: Film.self, Double?.self) { .some($0.file?.video?.frameRate) },
            ScriptField("languages", on: Film.self, [String].self) { $0.languages?.map(\.description) },
            ScriptField("subtitle_languages", on: Film.self, [String].self) { film in
                film.file.flatMap { try? FilmSubtitles($0).languages.map(\.description) }
            },
            ScriptField("tracks", on: Film.self, [Options].self) { $0.file?.audioTracks.map(table) },
        ]
    }

    /// The languages of the film's own tracks, then those of its sidecars; nil if it is closed.
    private var languages: [Language]? {
        guard let own = file?.audioTracks.map(\.language) else { return nil }
        let sidecars = source.tracks.map(\.language)
        return own.filter { own in !sidecars.contains { $0.matches(own) } } + sidecars
    }

    private static func table(of track: AudioTrack) -> Options {
        Options(named: [
            ("index", .int(track.index)), ("language", .string(track.language.description)),
            ("codec", .string(track.codec)), ("channels", .int(track.channels)),
            ("sample_rate", .int(track.sampleRate)), ("start", .number(track.start)),
            ("title", track.title.optionValue),
        ])
    }

    static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "frames", on: Film.self,
                "`count` frames uniformly spaced over `duration` seconds: [time, height, width, 3] in 0..1.",
                ScriptArgument("start", Double.self), ScriptArgument("duration", Double.self),
                ScriptArgument("count", Int.self), ScriptArgument("height", Int?.self),
                ScriptArgument("width", Int?.self), returns: Tensor.self
            ) { film, start, duration, count, height, width in
                try film.frames(start: start, duration: duration, count: count, height: height, width: width)
            },
            ScriptMethod(
                "audio", on: Film.self,
                "A segment of the track in a language (nil if there is only one) as stereo: [samples, 2]; 48 kHz by default.",
                ScriptArgument("language", String?.self), ScriptArgument("start", Double.self, default: 0),
                ScriptArgument("duration", Double?.self), ScriptArgument("sample_rate", Int.self, default: 48_000),
                returns: Tensor.self
            ) { film, language, start, duration, sampleRate in
                try film.audio(language: language, start: start, duration: duration, sampleRate: sampleRate)
            },
            ScriptMethod(
                "mixing_loss", on: Film.self,
                "How many dB softer the track in a language (nil if there is only one) is as stereo than in its own channels: the difference of the integrated loudness (EBU R 128); nil for one or two channels. Decodes the whole track.",
                ScriptArgument("language", String?.self), returns: Double?.self
            ) { film, language in try film.mixingLoss(language: language) },
            ScriptMethod(
                "subtitles", on: Film.self,
                "The subtitles in a language (nil if there is only one), from the film's tracks and .srt, .vtt, .ass files next to it (market.es.srt): a list of { start, stop, text }, in seconds.",
                ScriptArgument("language", String?.self), returns: [Options].self
            ) { film, language in
                try film.subtitles(language: language).map {
                    Options(named: [
                        ("start", .number($0.start)), ("stop", .number($0.end)), ("text", .string($0.text)),
                    ])
                }
            },
            ScriptMethod("close", on: Film.self, "Closes the file.") { $0.close() },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Film.self) }
