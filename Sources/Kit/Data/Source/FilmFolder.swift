import Foundation
import KitCore
import KitMedia

/// A folder of films, searched recursively. Each film is a source, named after its path in the folder.
///
/// The extension decides, in upper or lower case; `Container.all` lists those of all containers that the kit opens.
/// Names that begin with a dot are hidden, and hidden folders are not searched. Linked folders are searched, once each.
/// Files that look like films but are skipped are reported with the reason.
///
/// A sound file next to a film with the film's name and a language before the extension is a track of that film:
/// `market.mkv`, `market.es.flac`, `market.fra.wav`. Sound files whose names differ only in the language are the tracks
/// of one source without video. Any other sound file is a source of its own.
public enum FilmFolder {
    /// The films of a folder, or the one film at a path, each with its sidecar sounds.
    public static func list(_ path: String) throws -> FilmList {
        let place = try FilmPath(path)
        let path = place.path
        guard place.isFolder else {
            let name = FileName.composed(URL(fileURLWithPath: FileName.stem(path)).lastPathComponent)
            let tracks = try SidecarSounds().tracks(of: path)
            return FilmList([ClipSource(id: name, path: path, tracks: tracks, hasOwnTracks: true, place: path)])
        }
        let walk = try FolderWalk(path)
        var all = FilmList([], skipped: walk.skipped)
        var files: [FolderWalk.File] = []
        for file in walk.files {
            if Container.allEndings.contains(FileName.ending(file.path)) {
                files.append(file)
            } else {
                all.skipped.append(SkippedFile(.foreign, file.path))
            }
        }
        try refuseTwins(files.map(\.path), in: path)
        let (sources, twice) = sources(of: files, in: path)
        all.sources = sources
        all.skipped += twice.map { SkippedFile(.sameFile, $0) }
        guard !sources.isEmpty else {
            if let advice = ForeignData.advice(folder: path) {
                throw KitError(.noInput, "\(path): no films in this folder: \(advice)")
            }
            let rest = SkippedFile.lines(all.skipped).map { "; skipped: \($0)" }.joined()
            throw KitError(
                .noInput,
                "\(path): no films in this folder (looked for "
                    + "\(Container.allEndings.sorted().map { ".\($0)" }.joined(separator: ", ")), sub-folders included)\(rest)"
            )
        }
        return all
    }

    /// All films and sound files, by their path in the folder, sorted.
    public static func files(of folder: URL) throws -> [String] {
        try FolderWalk(folder.path).files.map(\.path).filter { Container.allEndings.contains(FileName.ending($0)) }
    }

    private static func sources(
        of files: [FolderWalk.File], in folder: String
    ) -> (sources: [ClipSource], twice: [String]) {
        var tracks: [String: [SourceTrack]] = [:]
        var main: [FolderWalk.File] = []
        for file in files {
            if Container.soundEndings.contains(FileName.ending(file.path)), let (name, language) = dubbed(file.path) {
                tracks[name, default: []].append(SourceTrack(language: language, path: "\(folder)/\(file.path)"))
            } else {
                main.append(file)
            }
        }
        var twice: [String] = []
        var known: Set<FolderWalk.Identity> = []
        // A film with two names could be trained on under one and measured on under the other. The name that is not a
        // link is kept. A name with its own sidecar sounds is another film.
        main = (main.filter { !$0.isLink } + main.filter(\.isLink)).filter { file in
            let isFirst = known.insert(file.identity).inserted
            guard !isFirst, tracks[FileName.stem(file.path)] == nil else { return true }
            twice.append(file.path)
            return false
        }
        let stems = Dictionary(grouping: main.map(\.path), by: FileName.stem)
        let sources = main.map { file in
            let stem = FileName.stem(file.path)
            // If a name occurs with two extensions (a.mp4 and a.mkv), they are needed to distinguish the sources.
            let id = stems[stem]!.count == 1 ? stem : file.path
            // Sidecar sounds belong to the films of that name, or to its only sound.
            let isOwner = stems[stem]!.count == 1 || Container.filmEndings.contains(FileName.ending(file.path))
            let path = "\(folder)/\(file.path)"
            return ClipSource(
                id: FileName.composed(id), film: FileName.composed(stem), path: path,
                tracks: isOwner ? tracks[stem] ?? [] : [], hasOwnTracks: true, place: path)
        }
        let owned = Set(sources.filter { !$0.tracks.isEmpty }.map(\.film))
        let dubs = tracks.filter { !owned.contains($0.key) }.map { name, tracks in
            ClipSource(id: FileName.composed(name), path: nil, tracks: tracks, place: tracks[0].path!)
        }
        return ((sources + dubs).sortedByBytes(of: \.id), twice)
    }

    /// Throws if the names of two files differ only in how accents are encoded: nothing else would distinguish them, in
    /// tables or in rows of features.
    private static func refuseTwins(_ files: [String], in folder: String) throws {
        var known: [String: String] = [:]
        for file in files {
            // Swift compares strings by canonical equivalence.
            guard let twin = known.updateValue(file, forKey: file) else { continue }
            throw KitError(
                .badData,
                "\(folder): two files have one name, with its accents composed in one and decomposed in the other: "
                    + "\(twin.debugScalars) and \(file.debugScalars): rename one")
        }
    }

    /// ("market", es) of `market.es.flac`; nil if the part before the extension is not a language of ISO 639-2.
    static func dubbed(_ file: String) -> (name: String, language: Language)? {
        let stem = FileName.stem(file)
        let tag = FileName.ending(stem)
        guard !tag.isEmpty, let language = try? Language(tag), language.name != language.code else { return nil }
        return (FileName.stem(stem), language)
    }
}

extension String {
    /// The text with escapes such as `\u{301}` for characters beyond ASCII.
    fileprivate var debugScalars: String { unicodeScalars.map { $0.escaped(asASCII: true) }.joined() }
}
