import Foundation
import KitCore

/// Replaces the features in a folder.
///
/// If it is killed at any moment, it leaves the old features, the new ones, or a folder without `ids.json`, which does
/// not count as features. `writing.json` lists the files that such a process may have left, and is removed last.
struct FeatureReplacement {
    private let folder: String
    private let files: any FileSystem

    private static let listName = "writing.json"
    /// The journal of the folder.
    static let journalName = "partial"

    /// Throws if the folder contains anything but features, which would be mixed up with them.
    init(_ folder: String, _ files: any FileSystem) throws {
        (self.folder, self.files) = (folder, files)
        let names = try files.names(in: folder).filter { $0 != FileLock.fileName }
        guard names.isEmpty || (try? facts()) != nil || Self.isUnfinished(folder, files) else {
            throw KitError.usage(
                "'\(folder)' already exists and contains no features: choose another folder, or empty it")
        }
    }

    /// Whether features are being written to a folder, or the process that wrote them was stopped.
    static func isUnfinished(_ folder: String, _ files: any FileSystem) -> Bool {
        if [listName, "\(listName).tmp"].contains(where: { files.exists("\(folder)/\($0)") }) { return true }
        let journal = "\(folder)/\(journalName)"
        guard files.exists(journal), let names = try? files.names(in: journal) else { return false }
        return names.isEmpty || names.contains { $0.hasPrefix(FeatureJournal.planName) }
    }

    /// - Parameters:
    ///   - names: the names of the new files.
    ///   - facts: the new `ids.json`.
    ///   - write: writes all of them, to paths next to their own.
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

    /// Removes files of earlier features that `ids.json` does not name.
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

    /// The files in the list. A name that leads out of the folder is not from the kit.
    private func unfinished() throws -> [String] {
        let names = try? JSONDecoder().decode([String].self, from: try files.read(path(Self.listName)))
        return (names ?? []).filter { !$0.contains("/") }
    }

    private func facts() throws -> FeatureFolder.Facts {
        try JSONDecoder().decode(FeatureFolder.Facts.self, from: try files.read(path(FeatureFolder.factsName)))
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }
}
