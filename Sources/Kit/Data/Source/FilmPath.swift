import Foundation
import KitCore
import KitMedia

/// Where films are said to lie: a folder, a manifest, a tar file or one film, which is there.
struct FilmPath {
    /// As the file system has it.
    let path: String
    let isFolder: Bool

    /// Throws `.usage` if the path is empty, which would be the current folder, and `.noInput` if nothing lies there.
    init(_ path: String) throws {
        guard !path.isEmpty else { throw KitError.usage("the path of films is empty") }
        self.path = FileName.existing(path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: self.path, isDirectory: &isFolder) else {
            if MediaPlace.split(path) != nil {
                _ = try MediaPlace(path)
                self.isFolder = false
                return
            }
            // Bytes that are no UTF-8 reach the program as this sign.
            let isForeign = path.contains("\u{FFFD}")
            let hint = isForeign ? " (the name is not UTF-8: rename it)" : KitShare.hint(for: path)
            throw KitError(.noInput, "\(path): no such file or folder\(hint)")
        }
        self.isFolder = isFolder.boolValue
    }
}
