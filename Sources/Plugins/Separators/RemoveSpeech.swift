import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RemoveSpeech.self) }

/// `kit.remove_speech { ... }`.
struct RemoveSpeech: Function {
    static let name = "remove_speech"
    static let summary =
        "Adds to each film a sound track without the speech, tagged with a language of its own; all else is copied as it is. "
        + "Films that have that track are passed over, so the same call goes on where it stopped. Returns how many were written."
    static let source = "The films of SimCLR_SEP, arXiv 2304.05600; tracks are copied by FFmpeg's libavformat."
    static let returns = "integer"

    @Param("A folder of films, searched with its sub-folders, or one film.") var data: String
    @Param("What takes the speech out.") var separator: Ref<any Separator>
    @Param("Folder for the new films, with the old ones' paths; nil puts each in place of the old one.", from: .ours)
    var out: String? = nil
    @Param("The track to take the speech out of; nil if the films have but one.", from: .ours)
    var language: String? = nil
    @Param("Language that the new track is tagged with: zxx is 'no linguistic content'.", from: .ours)
    var tag: String = "zxx"
    @Param("The new track's title; nil names the separator.", from: .ours) var title: String? = nil
    @Param(
        "Codec of the new track; nil is FLAC in Matroska, Opus in WebM, AAC elsewhere.", from: .ours)
    var codec: Codec? = nil
    @Param("Bits per second of the new track; nil leaves it to the codec.", from: .ours) var bitRate: Int? = nil
    @Param("Container of the new films, such as mkv; nil keeps each film's own. Needs 'out'.", from: .ours)
    var container: String? = nil
    @Param("Makes tracks anew that are there already.", from: .ours) var overwrite: Bool = false

    /// Sound codecs, by the names of `AudioCodec`.
    enum Codec: String, ChoiceOption { case aac, opus, flac, mp3, vorbis, ac3 }

    func validate() throws {
        guard container == nil || out != nil else { throw KitError.usage("option 'container' needs 'out'") }
    }

    func construct() throws -> Any {
        let log = RunLog(verbosity: RunSettings.current.verbosity, progress: RunSettings.current.progress)
        let root = URL(fileURLWithPath: data)
        let all = try films(in: root)
        let jobs = try all.compactMap { try job($0, root) }
        try log.info("\(jobs.count) of \(all.count) films to do")
        guard !ResolvedConfiguration.current.isDryRun else { return jobs.count }
        var done = 0.0
        let total = jobs.reduce(0) { $0 + $1.seconds }
        let begin = ProcessInfo.processInfo.systemUptime
        var damaged: [String] = []
        for job in jobs {
            do {
                try run(job) { seconds in
                    try log.show(
                        CountProgress(
                            verb: "\(job.name): separated", noun: "seconds", step: Int(saturating: done + seconds),
                            steps: Int(saturating: total),
                            seconds: ProcessInfo.processInfo.systemUptime - begin, first: 0))
                }
                try log.info("\(job.target): track \(tag), \(durationText(job.seconds))")
            } catch let error as KitError where error.kind == .badData {
                try log.warning(error.message)
                damaged.append(job.name)
            }
            done += job.seconds
        }
        log.endProgress()
        guard damaged.isEmpty else {
            throw KitError(
                .badData, "\(damaged.count) of \(jobs.count) films are as they were: \(damaged.joined(separator: ", "))"
            )
        }
        return jobs.count
    }

    private struct Job {
        let name: String
        let path: String
        let target: String
        let track: AudioTrack
        let seconds: Double
        /// Streams that the new track takes the place of.
        let replaced: Set<Int>
    }

    private func films(in root: URL) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isFolder) else {
            throw KitError(.noInput, "\(data): there is no such folder or film")
        }
        guard isFolder.boolValue else { return [""] }
        let films = try FilmFolder.files(of: root).filter {
            FilmFolder.filmExtensions.contains(($0 as NSString).pathExtension.lowercased())
        }
        guard !films.isEmpty else { throw KitError(.noInput, "\(data): no films in this folder") }
        return films
    }

    /// What is to be done for a film; nil if it has been done.
    private func job(_ name: String, _ root: URL) throws -> Job? {
        let path = name.isEmpty ? root.path : root.appendingPathComponent(name).path
        let name = name.isEmpty ? root.lastPathComponent : name
        let target = target(of: name, at: path)
        let wanted = try Language(tag)
        let ending = (target as NSString).pathExtension.lowercased()
        guard Self.taggedContainers.contains(ending) else {
            throw KitError.usage(
                "\(name): .\(ending) files do not keep the language tag '\(tag)' of a track: give option 'out' and "
                    + "container = \"mkv\"")
        }
        if !overwrite, target != path, FileManager.default.fileExists(atPath: target),
            try MediaFile(target).audioTracks.contains(where: { $0.language == wanted })
        {
            return nil
        }
        let film = try MediaFile(path)
        let made = film.audioTracks.filter { $0.language == wanted }
        guard made.isEmpty || overwrite else { return nil }
        let others = film.audioTracks.filter { $0.language != wanted }
        guard let track = try language.map({ try film.track(language: Language($0)) }) ?? others.first else {
            throw KitError(.badData, "\(film.name): has no sound track to take speech out of")
        }
        guard language != nil || others.count == 1 else {
            throw KitError.usage(
                "\(film.name): which sound track? Give option 'language'; it has \(film.trackList)")
        }
        return Job(
            name: name, path: path, target: target, track: track, seconds: film.duration,
            replaced: Set(made.map(\.index)))
    }

    /// Those in which a track of any language is found again.
    private static let taggedContainers: Set = ["mp4", "m4v", "mkv", "webm", "ts"]

    private func target(of name: String, at path: String) -> String {
        guard let out else { return path }
        let kept = container.map { "\((name as NSString).deletingPathExtension).\($0)" } ?? name
        return URL(fileURLWithPath: out).appendingPathComponent(kept).path
    }

    private func run(_ job: Job, progress: (Double) throws -> Void) throws {
        let folder = URL(fileURLWithPath: job.target).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var sound = FilmWriter.Sound()
        sound.language = try Language(tag)
        sound.title = title ?? "without speech (\(separator.object.scriptDescription))"
        sound.codec = codec.map { AudioCodec(rawValue: $0.rawValue)! } ?? Self.usual(for: job.target)
        sound.bitRate = bitRate
        sound.sampleRate = sound.codec == .opus ? 48_000 : job.track.sampleRate
        let copy = try FilmCopy(job.path, to: job.target, adding: sound, dropping: job.replaced)
        var source = try SpeechFreeSound(job.path, job.track, separator.object, sampleRate: sound.sampleRate)
        try copy.write {
            try progress(source.seconds)
            return try source.next()
        }
    }

    private static func usual(for path: String) -> AudioCodec {
        switch (path as NSString).pathExtension.lowercased() {
        case "mkv": .flac
        case "webm": .opus
        default: .aac
        }
    }
}

/// A film's track without its speech, piece by piece.
private struct SpeechFreeSound {
    private let film: MediaFile
    private let track: AudioTrack
    private let stream: SeparationStream
    private let sampleRate: Int
    private let total: Int
    private var position = 0
    private var isOver = false

    /// Samples that are decoded at once.
    private var piece: Int { 30 * sampleRate }
    var seconds: Double { Double(position) / Double(sampleRate) }

    init(_ path: String, _ track: AudioTrack, _ separator: any Separator, sampleRate: Int) throws {
        film = try MediaFile(path)
        self.track = track
        self.sampleRate = sampleRate
        stream = try SeparationStream(separator, sampleRate: sampleRate)
        total = Int(saturating: film.duration * Double(sampleRate))
    }

    mutating func next() throws -> Waveform? {
        guard !isOver else { return nil }
        guard position < total else {
            isOver = true
            return try stream.finish()
        }
        let count = min(piece, total - position)
        let rate = Double(sampleRate)
        let sound = try film.readAudio(
            track: track, start: Double(position) / rate, duration: Double(count) / rate, sampleRate: sampleRate)
        position += count
        return try stream.separate(sound)
    }
}
