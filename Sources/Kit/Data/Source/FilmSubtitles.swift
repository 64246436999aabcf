import Foundation
import KitCore
import KitMedia

/// The subtitles of a film: tracks of its own, and files next to it (`market.es.srt`, or `market.srt` without a language).
public struct FilmSubtitles {
    /// Where subtitles are.
    private enum Place {
        case track(SubtitleTrack)
        case file(String)
    }

    private let file: MediaFile
    private let found: [(language: Language, place: Place)]

    /// Finds the tracks and the files. A folder that cannot be listed has none.
    public init(_ file: MediaFile) throws {
        self.file = file
        found =
            file.subtitleTracks.map { ($0.language, .track($0)) } + Self.files(of: file.path).map { ($0, .file($1)) }
    }

    /// The files of subtitles next to a film.
    package static func files(of film: String) -> [(language: Language, path: String)] {
        let (folder, stem, names) = neighbours(of: film)
        return names.compactMap { name in
            guard SubtitleFile.endings.contains(FileName.ending(name)) else { return nil }
            let path = "\(folder)/\(name)"
            if FileName.stem(name) == stem { return (.undetermined, path) }
            guard let (film, language) = FilmFolder.dubbed(name), film == stem else { return nil }
            return (language, path)
        }
    }

    /// The folder or tar file of a film, the film's name in it without its extension, and the names of other files there.
    private static func neighbours(of path: String) -> (folder: String, stem: String, names: [String]) {
        if let (tar, member) = MediaPlace.split(path) {
            let stem = FileName.stem(member)
            return (tar, stem, (try? TarIndex.of(tar).names(startingWith: "\(stem).")) ?? [])
        }
        let film = URL(fileURLWithPath: path)
        let folder = film.deletingLastPathComponent().path
        return (
            folder, FileName.stem(film.lastPathComponent), ((try? DiskFileSystem().names(in: folder)) ?? []).sorted()
        )
    }

    /// The languages, tracks first; `und` where none is stated.
    public var languages: [Language] {
        found.map(\.language).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The entries in a language, by their start.
    ///
    /// - Parameter language: nil if there are subtitles in one place only.
    /// - Throws: an error with what there is, if there are none, or if several places have the language.
    public func entries(_ language: Language?) throws -> [Subtitle] {
        let list =
            found.isEmpty ? "none" : found.map { "\($0.language) in \(Self.words($0.place))" }.joined(separator: "; ")
        var places = found.filter { entry in language.map { entry.language.matches($0) } ?? true }.map(\.place)
        // Pictures of text count only where nothing can be read.
        let texts = places.filter { if case .track(let track) = $0 { track.isText } else { true } }
        if !texts.isEmpty { places = texts }
        guard let place = places.first else {
            throw KitError(
                .badData, "\(file.name): has no subtitles\(language.map { " in '\($0)'" } ?? "") (it has: \(list))")
        }
        guard places.count == 1 else {
            let what = language.map { "several subtitles in '\($0)'" } ?? "several subtitles: give a language"
            throw KitError(.badData, "\(file.name): has \(what) (it has: \(list))")
        }
        return switch place {
        case .track(let track): try file.readSubtitles(track)
        case .file(let path): try SubtitleFile.read(path)
        }
    }

    private static func words(_ place: Place) -> String {
        switch place {
        case .track(let track): "stream #\(track.index) (\(track.codec))"
        case .file(let path): URL(fileURLWithPath: path).lastPathComponent
        }
    }
}
