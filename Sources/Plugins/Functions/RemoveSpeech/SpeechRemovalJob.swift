import Foundation
import Kit

/// One film that `kit.remove_speech` has to do.
struct SpeechRemovalJob {
    let name: String
    let path: String
    let target: String
    /// The film with the sounds beside it, and the language of the track to take the speech out of.
    let source: ClipSource
    let language: Language
    let sampleRate: Int
    let seconds: Double
    /// Streams that the new track takes the place of.
    let replaced: Set<Int>
}

extension RemoveSpeech {
    /// The films at `data`, with their names for messages and for folders of new films.
    func films(_ log: RunLog) throws -> [(name: String, source: ClipSource)] {
        let root = URL(fileURLWithPath: data).path
        let list = try FilmFolder.list(data)
        for line in PassedOver.lines(list.passedOver) { try log.warning("passed over: \(line)") }
        let films = list.sources.compactMap { source -> (name: String, source: ClipSource)? in
            guard let path = source.path,
                FilmFolder.filmExtensions.contains((path as NSString).pathExtension.lowercased())
            else { return nil }
            let prefix = root + "/"
            return (
                path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : (path as NSString).lastPathComponent,
                source
            )
        }
        guard !films.isEmpty else { throw KitError(.noInput, "\(data): no films there, only sound files") }
        return films
    }

    /// What is to be done for a film; nil if it has been done.
    func job(_ each: (name: String, source: ClipSource)) throws -> SpeechRemovalJob? {
        let (name, path) = (each.name, each.source.path!)
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
        let (language, sampleRate) = try track(of: film, each.source, but: wanted)
        return SpeechRemovalJob(
            name: name, path: path, target: target, source: each.source, language: language, sampleRate: sampleRate,
            seconds: film.duration, replaced: Set(made.map(\.index)))
    }

    /// The track to take the speech out of, in the film or beside it: its language and its rate.
    private func track(
        of film: MediaFile, _ source: ClipSource, but made: Language
    ) throws -> (language: Language, sampleRate: Int) {
        let own = film.audioTracks.filter { $0.language != made }
        let beside = source.tracks.filter { $0.language != made }
        let list = ([film.trackList] + beside.map { "beside it \($0.language)" }).joined(separator: "; ")
        let languages = own.map(\.language) + beside.map(\.language)
        let wanted: Language
        if let language {
            wanted = try Language(language)
        } else {
            guard let only = languages.first else {
                throw KitError(.badData, "\(film.name): has no sound track to take speech out of")
            }
            guard languages.count == 1 else {
                throw KitError.usage("\(film.name): which sound track? Give option 'language'; it has \(list)")
            }
            wanted = only
        }
        if let path = beside.first(where: { $0.language.matches(wanted) })?.path {
            let file = try MediaFile(path)
            guard let track = file.audioTracks.first else { throw KitError(.badData, "\(path): has no sound") }
            return (wanted, track.sampleRate)
        }
        return (wanted, try film.track(language: wanted).sampleRate)
    }

    /// Those in which a track of any language is found again.
    private static let taggedContainers: Set = ["mp4", "m4v", "mkv", "webm", "ts", "m2ts", "mts", "m2t"]

    private func target(of name: String, at path: String) -> String {
        guard let out else { return path }
        let kept = container.map { "\((name as NSString).deletingPathExtension).\($0)" } ?? name
        return URL(fileURLWithPath: out).appendingPathComponent(kept).path
    }
}
