import Foundation
import Glibc
import KitCore

/// The export that a folder contained before a new one.
struct EarlierExport {
    /// The name of the earlier `dubkit.json` until the new export is complete.
    private static let keptFile = "\(ExportFacts.fileName).earlier"

    private struct Listed: Decodable { let files: [String]? }

    private let folder: String
    /// The paths of its files in the folder.
    private let files: [String]

    /// Prepares a folder for a new export: without `dubkit.json`, it is not complete.
    ///
    /// Throws if the folder has files that are not those of an earlier export.
    init(in folder: String) throws {
        let disk = DiskFileSystem()
        let names = try disk.names(in: folder)
        guard names.isEmpty || names.contains(where: [ExportFacts.fileName, Self.keptFile].contains) else {
            throw KitError(
                .configuration,
                "\(folder): already contains other files (\(names.prefix(3).joined(separator: ", "))): name a new or "
                    + "empty folder")
        }
        self.folder = folder
        let kept = "\(folder)/\(Self.keptFile)"
        if names.contains(ExportFacts.fileName) { try disk.rename("\(folder)/\(ExportFacts.fileName)", to: kept) }
        let listed = disk.exists(kept) ? try? JSONDecoder().decode(Listed.self, from: disk.read(kept)) : nil
        files = listed?.files ?? []
        try Folder.make(folder)
    }

    /// Removes the files of the earlier export that the new one has not written, and the folders that this empties.
    /// Returns their paths.
    func removeAll(but written: Set<String>) throws -> [String] {
        // The list is read from a file that others may have written: it must not lead out of the folder.
        let allowed = #/[\w-][\w.-]*/#
        let stale = files.filter { path in
            !written.contains(path) && path.parts(separatedBy: "/").allSatisfy { $0.wholeMatch(of: allowed) != nil }
        }
        var removed: [String] = []
        for path in stale.map({ "\(folder)/\($0)" }) {
            if unlink(path) == 0 {
                removed.append(path)
            } else if ![ENOENT, ENOTDIR, EISDIR].contains(errno) {
                throw KitError(.inputOutput, "cannot remove '\(path)': \(String(cString: strerror(errno)))")
            }
        }
        for path in removed {
            // Only empty folders go.
            var place = Folder.of(path)
            while place.utf8.count > folder.utf8.count, rmdir(place) == 0 { place = Folder.of(place) }
        }
        return removed
    }

    /// Forgets the earlier export, once the new one is complete.
    func forget() throws {
        let (disk, kept) = (DiskFileSystem(), "\(folder)/\(Self.keptFile)")
        if disk.exists(kept) { try disk.remove(kept) }
    }
}
