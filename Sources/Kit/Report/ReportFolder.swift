import Foundation
import KitCore

/// The folder of a report, which appears whole or not at all: it is written next to its place and then renamed.
package struct ReportFolder {
    private let path: String
    private let files: any FileSystem
    /// Held as long as this value exists.
    private let lock: FileLock

    package static let pageName = "index.html"
    /// The mark that identifies the folder of a report.
    package static let mark = "<meta name=\"generator\" content=\"dubkit report\">"

    /// Throws if there is anything but a report at the path, since it would be lost.
    package init(_ path: String, _ files: any FileSystem) throws {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty, path != "/" else {
            throw KitError.usage("a report needs a folder, but was given '\(path)'")
        }
        (self.path, self.files) = (path, files)
        try Folder.make(Folder.of(path))
        lock = try FileLock(
            "\(path).lock", isRemoved: true, held: "the report '\(path)' is being written by another process")
        // A process that died between two renames left the previous report under this name.
        if !files.exists(path), files.exists(old) { try files.rename(old, to: path) }
        guard !files.exists(path) || isReport || isEmptyFolder else {
            throw KitError.usage("'\(path)' already exists and is not a report: choose another folder with --out")
        }
    }

    private var fresh: String { "\(path).tmp" }
    private var old: String { "\(path).old" }

    private var isReport: Bool {
        guard files.exists("\(path)/\(Self.pageName)"), let page = try? files.read("\(path)/\(Self.pageName)") else {
            return false
        }
        return String(decoding: page.prefix(1024), as: UTF8.self).contains(Self.mark)
    }

    private var isEmptyFolder: Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: path).isEmpty) ?? false
    }

    /// Lets `body` fill a new folder, which then replaces the previous report. If anything fails, that one is not
    /// changed.
    package func write(_ body: (_ folder: String) throws -> Void) throws {
        let above = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            if files.exists(fresh) { try files.remove(fresh) }
            try files.makeFolder(fresh)
            try body(fresh)
            try files.syncFolder(fresh)
            if files.exists(old) { try files.remove(old) }
            if files.exists(path) { try files.rename(path, to: old) }
            try files.rename(fresh, to: path)
            try files.syncFolder(above)
        } catch {
            if files.exists(fresh) { try? files.remove(fresh) }
            if !files.exists(path), files.exists(old) { try? files.rename(old, to: path) }
            throw error
        }
        if files.exists(old) { try files.remove(old) }
    }
}
