import Glibc

/// The files that a dry run prepared and checked, and did not give their names: `--dry-run` leaves nothing behind.
package final class UnwrittenFiles: SessionPart, @unchecked Sendable {
    /// In the order in which they were to appear, each once.
    package private(set) var paths: [String] = []
    /// Folders that would have been made.
    private var folders: [String] = []

    package init() {}

    private static var current: UnwrittenFiles { Session.current[UnwrittenFiles.self] }

    /// Whether this thread works for a dry run.
    package static var areWanted: Bool { Session.current.configuration.isDryRun }

    /// Notes a file or folder that would be there now.
    package static func note(_ path: String) {
        let files = current
        if !files.paths.contains(path) { files.paths.append(path) }
    }

    /// Makes a folder for what a recipe writes, and those above it; in a dry run, keeps in mind that it would be there.
    package static func makeFolder(_ path: String) throws {
        guard areWanted else { return try Folder.make(path) }
        guard access(path, F_OK) != 0 else { return }
        current.folders.append(path)
    }

    /// Where to try to write a file: in its folder or, if only that was not made, in the first above it that is there.
    static func draft(of path: String) -> String {
        var folder = Folder.of(path)
        guard current.folders.contains(where: { $0 == folder || $0.hasPrefix(folder + "/") }) else { return path }
        while folder != "/", folder != ".", access(folder, F_OK) != 0 { folder = Folder.of(folder) }
        return path.lastIndex(of: "/").map { folder + String(path[$0...]) } ?? path
    }
}
