import Foundation
import KitCore

/// Finds the sound files that lie beside films and are tracks of theirs: `market.es.flac` beside `market.mkv`.
final class SoundsBeside {
    /// The sounds with a language in their name, by folder and by the name of their film.
    /// A folder is known by the bytes of its path: two that differ only in how accents are written are two.
    private var folders: [[UInt8]: [String: [SourceTrack]]] = [:]

    /// The tracks beside a film, sorted by their names; none where the folder may not be listed.
    func tracks(of film: String) throws -> [SourceTrack] {
        let folder = URL(fileURLWithPath: film).deletingLastPathComponent().path
        let key = Array(folder.utf8)
        let name = URL(fileURLWithPath: FileName.stem(film)).lastPathComponent
        if folders[key] == nil {
            do {
                folders[key] = try Self.sounds(in: folder)
            } catch let error as KitError where error.kind == .noInput { folders[key] = [:] }
        }
        return folders[key]![name] ?? []
    }

    private static func sounds(in folder: String) throws -> [String: [SourceTrack]] {
        var found: [String: [SourceTrack]] = [:]
        for file in try FolderWalk(folder, isDeep: false).files.map(\.path)
        where FilmFolder.soundExtensions.contains(FileName.ending(file)) {
            guard let (name, language) = FilmFolder.dubbed(file) else { continue }
            found[name, default: []].append(SourceTrack(language: language, path: "\(folder)/\(file)"))
        }
        return found
    }
}
