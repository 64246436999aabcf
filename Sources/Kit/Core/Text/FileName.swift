import Foundation
import Glibc

/// The parts of a file's path: the name before its last dot, and the extension after it.
package enum FileName {
    /// "mkv" of `films/market.MKV`; empty where there is none, as in `.hidden`.
    package static func ending(_ path: String) -> String {
        dot(path).map { path[path.unicodeScalars.index(after: $0)...].lowercased() } ?? ""
    }

    /// `films/market` of `films/market.mkv`.
    package static func stem(_ path: String) -> String { dot(path).map { String(path[..<$0]) } ?? path }

    /// The name in composed form (NFC), so that names that differ only in how accents are encoded are equal. Names
    /// derived from files use it: otherwise films from a system that decomposes names would be split differently.
    package static func composed(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }

    /// The last dot of the last component, unless that begins with it.
    private static func dot(_ path: String) -> String.Index? {
        let scalars = path.unicodeScalars
        guard let dot = scalars.lastIndex(of: "."), dot != scalars.startIndex,
            !["/", "."].contains(scalars[scalars.index(before: dot)]), !scalars[dot...].contains("/")
        else { return nil }
        return dot
    }

    /// The path of an existing file or folder. If there is none, the only one whose name differs just in how accents
    /// are encoded. A manifest from a system that decomposes names thus finds its films on one that does not.
    package static func existing(_ path: String) -> String {
        let files = FileManager.default
        guard !path.utf8.allSatisfy({ $0 < 0x80 }), !files.fileExists(atPath: path) else { return path }
        var found = path.hasPrefix("/") ? "/" : "."
        for name in path.parts(separatedBy: "/") {
            var next = found == "/" ? "/\(name)" : "\(found)/\(name)"
            if !files.fileExists(atPath: next) {
                // Swift compares strings by canonical equivalence.
                let alike = ((try? files.contentsOfDirectory(atPath: found)) ?? []).filter { $0 == name }
                guard alike.count == 1 else { return path }
                next = found == "/" ? "/\(alike[0])" : "\(found)/\(alike[0])"
            }
            found = next
        }
        return found
    }

    /// "a named pipe" or "a socket" where opening a path to read it could wait for another process; nil for anything else. Pipes
    /// that a shell makes (`<(...)`, `/dev/stdin`) have their writer, and terminals a user.
    package static func waitingKind(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        // A pipe without a name cannot be resolved to one.
        case S_IFIFO: return realpath(path, nil).map { free($0) } == nil ? nil : "a named pipe"
        case S_IFSOCK: return "a socket"
        default: return nil
        }
    }

    /// The bytes of a name as printable ASCII: `caf\xE9.mkv`.
    package static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            guard !(0x20..<0x7F).contains(byte) else { return String(UnicodeScalar(byte)) }
            return "\\x" + String(byte, radix: 16, uppercase: true).padded(to: 2, .right, with: "0")
        }.joined()
    }
}
