import Foundation
import Kit

/// The work of `kit.remove_speech` for a film.
enum SpeechRemovalTask {
    case separate(SpeechRemovalJob)
    /// The film has the track already. It is copied unchanged, so that the folder of new films is complete.
    case copy(name: String, path: String, target: String)
}

/// A film that needs a track without speech.
struct SpeechRemovalJob {
    let name: String
    let path: String
    let target: String
    /// The film with its sidecar sounds, and the language of the track to remove speech from.
    let source: ClipSource
    let language: Language
    /// The container's own codec for the new track.
    let codec: AudioCodec
    let sampleRate: Int
    let seconds: Double
    /// The streams that the new track replaces.
    let replaced: Set<Int>
}

extension RemoveSpeech {
    /// The films at `data`, with their names for messages and for the folder of new films.
    func films(_ log: RunLog) throws -> [(name: String, source: ClipSource)] {
        let films = try ListFilms.films(data, log)
        guard out == nil else { return films }
        // If films are replaced, one with several names is processed once.
        var seen: [String: String] = [:]
        return try films.filter { film -> Bool in
            let earlier = seen.updateValue(film.name, forKey: Self.behindLinks(film.source.path!))
            if let earlier { try log.warning("skipped: \(film.name): the same film as \(earlier)") }
            return earlier == nil
        }
    }

    /// The work for a film; nil if it is done already.
    func task(_ each: (name: String, source: ClipSource)) throws -> SpeechRemovalTask? {
        let (name, path) = (each.name, each.source.path!)
        let target = target(of: name, at: path)
        let wanted = try Language(tag)
        let ending = FileName.ending(target)
        let writing = Container.ending(of: target)?.writing
        guard let codec = writing?.addedTrack else {
            let reason =
                writing?.languages == .all
                ? "no track is added to .\(ending) files"
                : "tracks of .\(ending) files do not keep the language tag '\(tag)'"
            throw KitError.usage("\(name): \(reason): give option 'out' and container = \"mkv\"")
        }
        if !overwrite, target != path, FileManager.default.fileExists(atPath: target),
            try MediaFile(target).audioTracks.contains(where: { $0.language == wanted })
        {
            return nil
        }
        guard target == path || Self.behindLinks(target) != Self.behindLinks(path) else {
            throw KitError.usage("\(name): \(target) is a link to the film itself: give another option 'out'")
        }
        let film = try MediaFile(path)
        let made = film.audioTracks.filter { $0.language == wanted }
        if !made.isEmpty, !overwrite {
            guard target != path else { return nil }
            guard FileName.ending(path) == ending else {
                throw KitError.usage(
                    "\(name): already has a track \(wanted), and is not written as .\(ending): overwrite = true recreates the "
                        + "track, and with it the film")
            }
            return .copy(name: name, path: path, target: target)
        }
        let (language, sampleRate) = try track(of: film, each.source, but: wanted)
        return .separate(
            SpeechRemovalJob(
                name: name, path: path, target: target, source: each.source, language: language, codec: codec,
                sampleRate: sampleRate, seconds: film.duration, replaced: Set(made.map(\.index))))
    }

    /// The language and sample rate of the track to remove speech from, in the film or next to it.
    private func track(
        of film: MediaFile, _ source: ClipSource, but made: Language
    ) throws -> (language: Language, sampleRate: Int) {
        let own = film.audioTracks.filter { $0.language != made }
        let sidecars = source.tracks.filter { $0.language != made }
        let list = ([film.trackList] + sidecars.map { "next to it \($0.language)" }).joined(separator: "; ")
        let languages = own.map(\.language) + sidecars.map(\.language)
        let wanted: Language
        if let language {
            wanted = try Language(language)
        } else {
            guard let only = languages.first else {
                throw KitError(.badData, "\(film.name): has no sound track to remove speech from")
            }
            guard languages.count == 1 else {
                throw KitError.usage("\(film.name): which sound track? Give option 'language'; it has \(list)")
            }
            wanted = only
        }
        if let path = sidecars.first(where: { $0.language.matches(wanted) })?.path {
            let file = try MediaFile(path)
            guard let track = file.audioTracks.first else { throw KitError(.badData, "\(path): has no sound") }
            return (wanted, track.sampleRate)
        }
        return (wanted, try film.track(language: wanted).sampleRate)
    }

    private static func behindLinks(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// The containers that keep the language tag of any track.
    private static let taggedContainers: Set = ["mp4", "m4v", "mkv", "webm", "ts", "m2ts", "mts", "m2t"]

    private func target(of name: String, at path: String) -> String {
        guard let out else { return path }
        let kept = container.map { "\((name as NSString).deletingPathExtension).\($0)" } ?? name
        return URL(fileURLWithPath: out).appendingPathComponent(kept).path
    }
}
