import Foundation
import KitCore
import KitMedia

/// Finds the sound files next to films that are tracks of them: `market.es.flac` next to `market.mkv`.
final class SidecarSounds {
    /// The sounds with a language in their name, by folder and by the name of their film. Folders are compared by the
    /// bytes of their paths: two that differ only in how accents are encoded are different.
    private var folders: [[UInt8]: [String: [SourceTrack]]] = [:]

    /// The sidecar tracks of a film, sorted by name; empty if the folder cannot be listed.
    func tracks(of film: String) throws -> [SourceTrack] {
        if let (tar, member) = MediaPlace.split(film) {
            let names = try TarIndex.of(tar).names(startingWith: "\(FileName.stem(member)).")
            return Self.sounds(names, in: tar)[FileName.stem(member)] ?? []
        }
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
        sounds(try FolderWalk(folder, isDeep: false).files.map(\.path), in: folder)
    }

    private static func sounds(_ files: [String], in folder: String) -> [String: [SourceTrack]] {
        var found: [String: [SourceTrack]] = [:]
        for file in files where Container.soundEndings.contains(FileName.ending(file)) {
            guard let (name, language) = FilmFolder.dubbed(file) else { continue }
            found[name, default: []].append(SourceTrack(language: language, path: "\(folder)/\(file)"))
        }
        return found
    }
}
