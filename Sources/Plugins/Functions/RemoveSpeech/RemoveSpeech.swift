import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RemoveSpeech.self) }

/// `kit.remove_speech { ... }`.
struct RemoveSpeech: Function {
    static let name = "remove_speech"
    static let summary =
        "Adds to each film a sound track without the speech, tagged with a language of its own; all else is copied as it "
        + "is. Films that have that track are passed over, or copied to 'out', so the same call goes on where it stopped. "
        + "Films of which it cannot be done are named at the end, as an error. Returns how many tracks were made."
    static let source = "The films of SimCLR_SEP, arXiv 2304.05600; tracks are copied by FFmpeg's libavformat."
    static let returns: any OptionConvertible.Type = Int.self

    @Param("A folder of films, searched with its sub-folders, or one film.") var data: String
    @Param("What takes the speech out.") var separator: Ref<any Separator>
    @Param(
        "Folder for the new films, with the old ones' paths; nil puts each in the old one's place, behind links too.",
        from: .ours)
    var out: String? = nil
    @Param("The track to take the speech out of; nil if the films have but one.", from: .ours)
    var language: String? = nil
    @Param("Language that the new track is tagged with: zxx is 'no linguistic content'.", from: .ours)
    var tag: String = "zxx"
    @Param("The new track's title; nil names the separator.", from: .ours) var title: String? = nil
    @Param("Codec of the new track; nil is \(Container.codecText { $0.writing?.addedTrack }).", from: .ours)
    var codec: Codec? = nil
    @Param("Bits per second of the new track; nil leaves it to the codec.", from: .ours) var bitRate: Int? = nil
    @Param("Container of the new films, such as mkv; nil keeps each film's own. Needs 'out'.", from: .ours)
    var container: String? = nil
    @Param("Makes tracks anew that are there already.", from: .ours) var overwrite: Bool = false

    /// Sound codecs, by the names of `AudioCodec`.
    enum Codec: String, ChoiceOption { case aac, opus, flac, mp3, vorbis, ac3 }

    func validate() throws {
        guard let container else { return }
        guard out != nil else { throw KitError.usage("option 'container' needs 'out'") }
        let choices = Container.all.flatMap(\.endings).filter { $0.writing?.addedTrack != nil }.map(\.name)
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
        /// One film that cannot be done does not keep the others from being done; a full disk and an interrupt do.
        func attempt<Value>(_ name: String, _ body: () throws -> Value?) throws -> Value? {
            do {
                return try body()
            } catch let error as KitError where ![.interrupted, .inputOutput].contains(error.kind) {
                guard films.count > 1 else { throw error }
                try log.warning("\(error.message); the film is left as it was")
                failures.append((name, error))
                return nil
            }
        }
        let tasks = try films.compactMap { film in try attempt(film.name) { try task(film) } }
        let jobs = tasks.compactMap { task -> SpeechRemovalJob? in
            if case .separate(let job) = task { job } else { nil }
        }
        try log.info("\(jobs.count) of \(films.count) films to do")
        if !Session.current.configuration.isDryRun {
            for case .copy(let name, let path, let target) in tasks {
                try Folder.make(Folder.of(target))
                try AtomicFile.copy(path, to: target)
                try log.info("\(target): copied as it is, since \(name) has a track \(tag) already")
            }
            var done = 0.0
            let total = jobs.reduce(0) { $0 + $1.seconds }
            let begin = SteadyClock.now
            for job in jobs {
                _ = try attempt(job.name) {
                    try run(job, log) { seconds in
                        try log.show(
                            CountProgress(
                                verb: "\(job.name): separated", noun: "seconds", step: Int(saturating: done + seconds),
                                steps: Int(saturating: total),
                                seconds: SteadyClock.now - begin, first: 0))
                    }
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
            "\(failures.count) of \(films.count) films are as they were: \(names)"
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
