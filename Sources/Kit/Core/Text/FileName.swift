import Foundation
import Glibc

/// The parts of a file's path: the name before its last dot, and the ending after it.
package enum FileName {
    /// "mkv" of `films/market.MKV`; empty where there is none, as in `.hidden`.
    package static func ending(_ path: String) -> String {
        dot(path).map { path[path.unicodeScalars.index(after: $0)...].lowercased() } ?? ""
    }

    /// `films/market` of `films/market.mkv`.
    package static func stem(_ path: String) -> String { dot(path).map { String(path[..<$0]) } ?? path }

    /// Composed (NFC): names that differ only in how their accents are written are one name. What is named after files
    /// is written so, or a set of films would be split otherwise when it comes from a system that decomposes names.
    package static func composed(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }

    /// The last dot of the last name, unless the name begins with it.
    private static func dot(_ path: String) -> String.Index? {
        let scalars = path.unicodeScalars
        guard let dot = scalars.lastIndex(of: "."), dot != scalars.startIndex,
            !["/", "."].contains(scalars[scalars.index(before: dot)]), !scalars[dot...].contains("/")
        else { return nil }
        return dot
    }

    /// A file or folder as a path names it; if there is none, the one whose name differs only in how its accents are
    /// written, where that is but one: a list made on a system that decomposes names finds its films on one that does not.
    package static func existing(_ path: String) -> String {
        let files = FileManager.default
        guard !path.utf8.allSatisfy({ $0 < 0x80 }), !files.fileExists(atPath: path) else { return path }
        var found = path.hasPrefix("/") ? "/" : "."
        for name in path.parts(separatedBy: "/") {
            var next = found == "/" ? "/\(name)" : "\(found)/\(name)"
            if !files.fileExists(atPath: next) {
                // Strings are equal in Swift if they are canonically equivalent.
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
