import Foundation
import KitCore

/// Puts new features in the place of those in a folder.
///
/// Killed at any moment, it leaves the features from before, or the new ones, or a folder without `ids.json`, which is not
/// taken for features. `writing.json` names what such a process may have left, and is the last to go.
struct FeatureReplacement {
    private let folder: String
    private let files: any FileSystem

    private static let listName = "writing.json"
    /// The folder's rows on their way.
    static let journalName = "partial"

    /// Throws if there is something in the folder that is no features: it would be mixed up with them.
    init(_ folder: String, _ files: any FileSystem) throws {
        (self.folder, self.files) = (folder, files)
        let names = try files.names(in: folder).filter { $0 != FileLock.fileName }
        guard names.isEmpty || (try? facts()) != nil || Self.isUnfinished(folder, files) else {
            throw KitError.usage(
                "'\(folder)' is there already and holds no features: choose another folder, or empty it")
        }
    }

    /// Whether features are on their way to a folder, or whoever wrote them was stopped.
    static func isUnfinished(_ folder: String, _ files: any FileSystem) -> Bool {
        if [listName, "\(listName).tmp"].contains(where: { files.exists("\(folder)/\($0)") }) { return true }
        let journal = "\(folder)/\(journalName)"
        guard files.exists(journal), let names = try? files.names(in: journal) else { return false }
        return names.isEmpty || names.contains { $0.hasPrefix(FeatureJournal.planName) }
    }

    /// - Parameters:
    ///   - names: of the new files.
    ///   - facts: the new `ids.json`.
    ///   - write: writes them all, to paths beside their own.
    func replace(with names: [String], facts: Data, _ write: (_ paths: [String]) throws -> Void) throws {
        try files.makeFolder(folder)
        let fresh = names.map { "\($0).new" }
        let others = try outdated().union(fresh).union(names)
        try files.replace(path(Self.listName), with: try JSONText.compact(others.sortedByBytes()))
        do {
            try write(fresh.map(path))
        } catch {
            for name in fresh where files.exists(path(name)) { try? files.remove(path(name)) }
            throw error
        }
        if files.exists(path(FeatureFolder.factsName)) { try files.remove(path(FeatureFolder.factsName)) }
        try files.syncFolder(folder)
        for (name, written) in zip(names, fresh) { try files.rename(path(written), to: path(name)) }
        try files.syncFolder(folder)
        try files.replace(path(FeatureFolder.factsName), with: facts)
        try tidy()
    }

    /// Removes what earlier features have left beside the files that `ids.json` names.
    func tidy() throws {
        guard files.exists(path(Self.listName)) else { return }
        let named = try facts().files
        for name in try unfinished() where !named.contains(name) && files.exists(path(name)) {
            try files.remove(path(name))
        }
        try files.remove(path(Self.listName))
    }

    /// The files of earlier features, and of those that never became complete.
    private func outdated() throws -> Set<String> {
        let known = files.exists(path(FeatureFolder.factsName)) ? try facts().files : []
        return Set(known).union(files.exists(path(Self.listName)) ? try unfinished() : [])
    }

    /// What the list names. A name that leads out of the folder is none of the kit's.
    private func unfinished() throws -> [String] {
        let names = try? JSONDecoder().decode([String].self, from: try files.read(path(Self.listName)))
        return (names ?? []).filter { !$0.contains("/") }
    }

    private func facts() throws -> FeatureFolder.Facts {
        try JSONDecoder().decode(FeatureFolder.Facts.self, from: try files.read(path(FeatureFolder.factsName)))
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }
}
