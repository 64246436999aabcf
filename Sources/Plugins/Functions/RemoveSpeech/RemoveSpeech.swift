import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RemoveSpeech.self) }

/// `kit.remove_speech { ... }`.
struct RemoveSpeech: Function {
    static let name = "remove_speech"
    static let summary =
        "Adds to each film a sound track without speech, tagged with its own language; all else is copied "
        + "unchanged. Films that have that track are skipped, or copied to 'out', so the same call continues where it stopped. "
        + "Films for which it fails are listed at the end in an error. Returns the number of new tracks."
    static let reference = "The films of SimCLR_SEP, arXiv 2304.05600; tracks are copied by FFmpeg's libavformat."
    static let returns: any OptionConvertible.Type = Int.self

    @Param("A folder of films, searched with its sub-folders, or one film.") var data: String
    @Param("The separator that removes the speech.") var separator: ObjectOption<any Separator>
    @Param(
        "Folder for the new films, with the same relative paths; nil replaces each film, also through links.",
        from: .ours)
    var out: String? = nil
    @Param("The track to remove speech from; nil if the films have only one.", from: .ours)
    var language: String? = nil
    @Param("Language tag of the new track: zxx is 'no linguistic content'.", from: .ours)
    var tag: String = "zxx"
    @Param("The new track's title; nil names the separator.", from: .ours) var title: String? = nil
    @Param("Codec of the new track; nil is \(Container.codecText { $0.writing?.addedTrack }).", from: .ours)
    var codec: Codec? = nil
    @Param("Bits per second of the new track; nil for the codec's default.", from: .ours) var bitRate: Int? = nil
    @Param("Container of the new films, such as mkv; nil keeps each film's own. Needs 'out'.", from: .ours)
    var container: String? = nil
    @Param("Recreates tracks that already exist.", from: .ours) var overwrite: Bool = false

    /// Sound codecs, by the names of `AudioCodec`.
    enum Codec: String, ChoiceOption { case aac, opus, flac, mp3, vorbis, ac3 }

    func validate() throws {
        guard let container else { return }
        guard out != nil else { throw KitError.usage("option 'container' needs 'out'") }
        let choices = Container.addableEndings
        guard choices.contains(container) else {
            throw KitError.usage(
                "option 'container' must be one of \(choices.joined(separator: ", ")), but is \"\(container)\""
                    + NearestName.hint(container, in: choices))
        }
    }

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        let log = RunLog(verbosity: Session.current.settings.verbosity, progress: Session.current.settings.progress)
        let films = try films(log)
        var failures: [(name: String, error: KitError)] = []
        /// A film that fails does not stop the others, but a full disk or an interrupt does.
        func attempt<Value>(_ name: String, _ body: () throws -> Value?) throws -> Value? {
            do {
                return try body()
            } catch let error as KitError where ![.interrupted, .inputOutput].contains(error.kind) {
                guard films.count > 1 else { throw error }
                try log.warning("\(error.message); the film is unchanged")
                failures.append((name, error))
                return nil
            }
        }
        let tasks = try films.compactMap { film in try attempt(film.name) { try task(film) } }
        let jobs = tasks.compactMap { task -> SpeechRemovalJob? in
            if case .separate(let job) = task { job } else { nil }
        }
        try log.info("\(counted(jobs.count, of: films.count, "film")) to do")
        if !Session.current.configuration.isDryRun {
            for case .copy(let name, let path, let target) in tasks {
                try Folder.make(Folder.of(target))
                try AtomicFile.copy(path, to: target)
                try log.info("\(target): copied unchanged, since \(name) already has a track \(tag)")
            }
            var done = 0.0
            let total = jobs.reduce(0) { $0 + $1.seconds }
            let begin = SteadyClock.now
            for job in jobs {
                _ = try attempt(job.name) {
                    func show(_ seconds: Double) throws {
                        try log.show(
                            CountProgress(
                                verb: "\(job.name): separated", noun: "seconds", step: Int(saturating: done + seconds),
                                steps: Int(saturating: total),
                                seconds: SteadyClock.now - begin, first: 0))
                    }
                    try log.used { try run(job, log, progress: show) }
                    try log.info("\(job.target): track \(tag), \(durationText(job.seconds))")
                }
                done += job.seconds
            }
            log.endProgress()
        }
        guard let first = failures.first else { return jobs.count }
        let names = failures.prefix(10).map(\.name).joined(separator: ", ")
        throw KitError(
            first.error.kind,
            "\(counted(failures.count, of: films.count, "film")) \(agreeing(failures.count, "is", "are")) unchanged: \(names)"
                + (failures.count > 10 ? " and \(failures.count - 10) more" : ""))
    }

    private func run(_ job: SpeechRemovalJob, _ log: RunLog, progress: (Double) throws -> Void) throws {
        try Folder.make(Folder.of(job.target))
        var sound = FilmWriter.Sound()
        sound.language = try Language(tag)
        sound.title = title ?? "without speech (\(separator.object.scriptDescription))"
        sound.codec = codec.map { AudioCodec(rawValue: $0.rawValue)! } ?? job.codec
        sound.bitRate = bitRate
        sound.sampleRate = sound.codec == .opus ? 48_000 : job.sampleRate
        let copy = try FilmCopy(job.path, to: job.target, adding: sound, dropping: job.replaced)
        if !copy.leftOut.isEmpty {
            try log.warning("\(job.name): streams that cannot be copied: \(copy.leftOut.joined(separator: ", "))")
        }
        var source = try SpeechFreeSound(job, separator.object, sampleRate: sound.sampleRate)
        try copy.write {
            try progress(source.seconds)
            return try source.next()
        }
    }
}
