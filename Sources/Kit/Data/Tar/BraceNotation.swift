import KitCore

/// A short form of many paths, as shells have it: `films-{000000..000009}.tar`, `{train,more}-{0..3}.tar`.
package enum BraceNotation {
    /// No list is longer than this.
    private static let mostPaths = 1_000_000

    /// The paths in the order of the braces; the path itself if it has none.
    package static func expand(_ path: String) throws -> [String] {
        var paths = [""]
        var rest = path[...]
        func append(_ parts: [String]) throws {
            guard paths.count * parts.count <= mostPaths else {
                throw KitError.usage("\(path): stands for more than \(mostPaths) paths")
            }
            paths = paths.flatMap { path in parts.map { path + $0 } }
        }
        while let open = rest.unicodeScalars.firstIndex(of: "{") {
            guard let close = rest.unicodeScalars[open...].firstIndex(of: "}") else {
                throw KitError.usage("\(path): a brace is not closed")
            }
            let inside = String(rest[rest.unicodeScalars.index(after: open)..<close])
            guard !inside.unicodeScalars.contains("{") else {
                throw KitError.usage("\(path): braces within braces are not read")
            }
            try append([String(rest[..<open])])
            try append(try words(inside, path))
            rest = rest[rest.unicodeScalars.index(after: close)...]
        }
        try append([String(rest)])
        return paths
    }

    private static func words(_ inside: String, _ path: String) throws -> [String] {
        let words = inside.parts(separatedBy: ",", omittingEmpty: false)
        if words.count > 1 { return words }
        guard let match = inside.wholeMatch(of: #/(\d{1,18})\.\.(\d{1,18})/#), let first = Int(match.1),
            let last = Int(match.2)
        else {
            throw KitError.usage("\(path): expected {000..009} or {a,b} in braces, found {\(inside)}")
        }
        guard abs(last - first) < mostPaths else {
            throw KitError.usage("\(path): stands for more than \(mostPaths) paths")
        }
        // As in bash, a leading zero in either number makes all equally wide.
        let isPadded = [match.1, match.2].contains { $0.count > 1 && $0.hasPrefix("0") }
        let width = isPadded ? max(match.1.count, match.2.count) : 0
        return stride(from: first, through: last, by: first <= last ? 1 : -1).map {
            "\($0)".padded(to: width, .right, with: "0")
        }
    }
}
