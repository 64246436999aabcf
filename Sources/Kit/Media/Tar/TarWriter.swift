import Glibc
import KitCore

/// Writes a tar file (POSIX.1-2001) that appears when it is complete. Equal members give equal bytes: owners and times are
/// not stored.
package final class TarWriter {
    /// The bytes so far, with the end mark that is still to come.
    package var length: Int { file.length + Self.endMark.count }
    private let file: AtomicFile

    package static let endMark = [UInt8](repeating: 0, count: 2 * TarHeader.size)
    /// The largest size that fits into a header.
    private static let largestSize = 0o77777777777

    package init(_ path: String) throws { file = try AtomicFile(path) }

    /// Adds a member with these bytes.
    package func add(_ name: String, _ bytes: [UInt8]) throws {
        try begin(name, bytes.count)
        try write(bytes)
        try pad(bytes.count)
    }

    /// Adds a copy of a file.
    ///
    /// Throws `.badData` if the file becomes shorter meanwhile.
    package func add(_ name: String, copying source: FileBytes, _ path: String) throws {
        try begin(name, source.count)
        let block = 1 << 20
        for place in stride(from: 0, to: source.count, by: block) {
            try Interrupt.check()
            guard let bytes = source.bytes(at: place, count: min(block, source.count - place)) else {
                throw KitError(.badData, "\(path): became shorter while it was read")
            }
            try write(bytes)
        }
        try pad(source.count)
    }

    /// Writes the end mark and gives the file its name.
    package func finish() throws {
        try write(Self.endMark)
        try file.commit()
    }

    /// The number of bytes that a member adds.
    package static func length(_ name: String, _ size: Int) -> Int { header(name, size).count + padded(size) }

    private func begin(_ name: String, _ size: Int) throws { try write(Self.header(name, size)) }

    /// The bytes before a member's content: pax records with a header of their own, if they are needed, and its header.
    package static func header(_ name: String, _ size: Int) -> [UInt8] {
        let records = records(name, size)
        let own = header(fits(name) ? name : "long_name", min(size, largestSize), kind: "0")
        guard !records.isEmpty else { return own }
        return header("pax_header", records.count, kind: "x") + records + padding(records.count) + own
    }

    /// The pax records of what a header cannot hold; empty if it holds everything.
    private static func records(_ name: String, _ size: Int) -> [UInt8] {
        (fits(name) ? [] : record("path", name)) + (size > largestSize ? record("size", "\(size)") : [])
    }

    /// A record begins with its own length, which counts the digits of that length.
    private static func record(_ name: String, _ value: String) -> [UInt8] {
        let rest = " \(name)=\(value)\n".utf8
        var length = rest.count
        while length != rest.count + "\(length)".utf8.count { length = rest.count + "\(length)".utf8.count }
        return Array("\(length)".utf8) + rest
    }

    private static func fits(_ name: String) -> Bool { name.utf8.count <= 100 && name.utf8.allSatisfy { $0 < 0x80 } }

    private static func header(_ name: String, _ size: Int, kind: Character) -> [UInt8] {
        func octal(_ number: Int, _ count: Int) -> String {
            String(number, radix: 8).padded(to: count - 1, .right, with: "0") + "\0"
        }
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        func put(_ text: String, at place: Int) {
            block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put(octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), at: 100)
        put("        \(kind)", at: 148)
        put("ustar\u{0}00", at: 257)
        put(octal(block.reduce(0) { $0 + Int($1) }, 7) + " ", at: 148)
        return block
    }

    private static func padded(_ size: Int) -> Int { (size + TarHeader.size - 1) / TarHeader.size * TarHeader.size }

    /// The zeros behind content of a size.
    package static func padding(_ size: Int) -> [UInt8] { [UInt8](repeating: 0, count: padded(size) - size) }

    private func pad(_ size: Int) throws { try write(Self.padding(size)) }

    private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try file.write($0) } }
}
