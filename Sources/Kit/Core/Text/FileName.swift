import Foundation

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

    /// The bytes of a name as printable ASCII: `caf\xE9.mkv`.
    package static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            guard !(0x20..<0x7F).contains(byte) else { return String(UnicodeScalar(byte)) }
            return "\\x" + String(byte, radix: 16, uppercase: true).padded(to: 2, .right, with: "0")
        }.joined()
    }
}
