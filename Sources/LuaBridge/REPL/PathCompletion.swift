import Foundation
import Kit

/// Files and folders that complete a path.
enum PathCompletion {
    /// - Parameter typed: the path so far; `~/` is the user's home folder.
    static func complete(_ typed: String) -> Completion {
        let name = typed.parts(separatedBy: "/", omittingEmpty: false).last ?? ""
        let folder = String(decoding: typed.utf8.dropLast(name.utf8.count), as: UTF8.self)
        let path = folder.isEmpty ? "." : NSString(string: folder).expandingTildeInPath
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let shown = entries.filter { $0.hasPrefix(name) && (name.hasPrefix(".") || !$0.hasPrefix(".")) }
        let candidates = shown.sortedByBytes().map { entry in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(entry)", isDirectory: &isFolder)
            return Candidate(text: isFolder.boolValue ? "\(entry)/" : entry)
        }
        return Completion(word: name, candidates: candidates)
    }
}
