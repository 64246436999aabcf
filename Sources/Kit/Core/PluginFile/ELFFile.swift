/// The headers of an ELF file (System V ABI, chapters 4 and 5), read without loading it.
///
/// Files may come from anywhere: every offset and size is checked against the file's length before it is used.
package final class ELFFile {
    package enum Fault: Error, Equatable {
        case notELF
        /// The headers describe more bytes than the file has.
        case truncated(expected: UInt64)
        case malformed(String)
    }

    /// The machine that the file is for, which also decides whether the rest can be read here.
    package struct Architecture: Equatable, CustomStringConvertible {
        /// 1 for 32 bits, 2 for 64.
        let width: UInt8
        /// 1 for the least significant byte first.
        let order: UInt8
        let machine: UInt16

        /// Numbers of the ABI's supplements.
        private static let names: [UInt16: String] = [
            3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC", 22: "s390", 40: "ARM", 62: "x86-64", 183: "AArch64",
            243: "RISC-V",
        ]

        package var description: String {
            let name = Self.names[machine] ?? "machine \(machine)"
            return "\(name) (\(width == 1 ? 32 : 64) bits\(order == 2 ? ", most significant byte first" : ""))"
        }
    }

    package struct Symbol {
        package let name: String
        /// Whether this file defines the symbol, rather than needing it from another.
        package let isDefined: Bool
        package let isWeak: Bool
    }

    package let architecture: Architecture
    /// Whether it is a shared library or a position-independent program.
    package let isShared: Bool
    private let file: FileBytes
    private let header: [UInt8]

    /// Reads the header. For files of another kind of machine, nothing else can be read.
    package init(_ path: String) throws {
        file = try FileBytes(path)
        // A limit on the time and memory that reading can take.
        guard file.count <= 1 << 30 else { throw Fault.malformed("it is larger than 1 GiB") }
        guard let identity = try file.bytes(at: 0, min(20, file.count)),
            identity.starts(with: [0x7f, 0x45, 0x4c, 0x46])
        else { throw Fault.notELF }
        guard let type = identity.number(at: 16, as: UInt16.self),
            let machine = identity.number(at: 18, as: UInt16.self)
        else { throw Fault.truncated(expected: 64) }
        let isSwapped = identity[5] == 2
        architecture = Architecture(
            width: identity[4], order: identity[5], machine: isSwapped ? machine.byteSwapped : machine)
        isShared = (isSwapped ? type.byteSwapped : type) == 3
        header = try file.bytes(at: 0, min(64, file.count)) ?? []
    }

    /// How many bytes the file has.
    package var length: UInt64 { file.count }

    /// The descriptions of all notes of an owner and a type.
    package func notes(of owner: String, type: UInt32) throws -> [[UInt8]] {
        try sections().filter { $0.type == 7 }.flatMap { section in
            let bytes = try bytes(of: section)
            let alignment = section.alignment == 8 ? 8 : 4
            func aligned(_ place: Int) -> Int { (place + alignment - 1) / alignment * alignment }
            var found: [[UInt8]] = []
            var place = 0
            while place < bytes.count {
                guard let nameSize = bytes.number(at: place, as: UInt32.self),
                    let size = bytes.number(at: place + 4, as: UInt32.self),
                    let kind = bytes.number(at: place + 8, as: UInt32.self)
                else { throw Fault.malformed("a note's head is cut off") }
                let start = aligned(place + 12 + Int(nameSize))
                guard start + Int(size) <= bytes.count else { throw Fault.malformed("a note is cut off") }
                if kind == type, nameSize > 0, bytes.text(at: place + 12) == owner {
                    found.append(Array(bytes[start..<start + Int(size)]))
                }
                place = aligned(start + Int(size))
            }
            return found
        }
    }

    /// The symbols that it defines or needs.
    package func symbols() throws -> [Symbol] {
        guard let (entries, names) = try self.entries(of: 11, "symbols") else { return [] }
        // The first entry is a placeholder.
        return try stride(from: 24, to: entries.count - 23, by: 24).map { place in
            guard let name = try names.text(at: Int(entries.number(at: place, as: UInt32.self) ?? 0)) else {
                throw Fault.malformed("a symbol's name is outside the table of names")
            }
            let home = entries.number(at: place + 6, as: UInt16.self) ?? 0
            return Symbol(name: name, isDefined: home != 0, isWeak: entries[place + 4] >> 4 == 2)
        }
    }

    /// The names of the libraries that it needs.
    package func neededLibraries() throws -> [String] {
        guard let (entries, names) = try self.entries(of: 6, "libraries") else { return [] }
        return try stride(from: 0, to: entries.count - 15, by: 16).compactMap { place in
            // Tag 1 names a needed library, whose name must be valid.
            guard entries.number(at: place, as: UInt64.self) == 1,
                let name = Int(exactly: entries.number(at: place + 8, as: UInt64.self) ?? .max)
            else { return nil }
            return try names.text(at: name)
        }
    }

    /// The entries of the section of a type, with the table of names that they refer to; nil if there is none. The ABI
    /// allows one section of each type.
    private func entries(of type: UInt32, _ what: String) throws -> ([UInt8], Names)? {
        let sections = try sections()
        let found = sections.filter { $0.type == type }
        guard found.count <= 1 else { throw Fault.malformed("it has \(counted(found.count, "table")) of \(what)") }
        guard let table = found.first else { return nil }
        guard sections.indices.contains(Int(table.link)) else { throw Fault.malformed("\(what) without names") }
        return (try bytes(of: table), Names(try bytes(of: sections[Int(table.link)])))
    }

    /// A table of names. Names may overlap at their ends, within a limit, so that a small file cannot use up all
    /// memory.
    private final class Names {
        private let bytes: [UInt8]
        private var left: Int

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            left = 64 * bytes.count
        }

        /// The name at an offset; nil if there is none.
        func text(at place: Int) throws -> String? {
            guard let text = bytes.text(at: place) else { return nil }
            left -= text.utf8.count
            guard left >= 0 else { throw Fault.malformed("its names overlap") }
            return text
        }
    }

    private struct Section {
        let type: UInt32
        let offset, size: UInt64
        let link: UInt32
        let alignment: UInt64
    }

    private func bytes(of section: Section) throws -> [UInt8] {
        guard let bytes = try file.bytes(at: section.offset, section.size) else {
            throw Fault.truncated(expected: section.offset &+ section.size)
        }
        return bytes
    }

    /// All sections. Throws unless the file contains all of them and all of its loaded segments.
    private func sections() throws -> [Section] {
        guard architecture.width == 2, architecture.order == 1 else { throw Fault.malformed("it is not for 64 bits") }
        func field<Number: FixedWidthInteger>(_ place: Int, as type: Number.Type) throws -> UInt64 {
            guard let number = header.number(at: place, as: type) else { throw Fault.truncated(expected: 64) }
            return UInt64(number)
        }
        // Only segments that are loaded (type 1) must be in the file.
        for entry in try table(
            at: field(32, as: UInt64.self), count: field(56, as: UInt16.self), size: field(54, as: UInt16.self), of: 56)
        where entry.number(at: 0, as: UInt32.self) == 1 {
            try check(entry.number(at: 8) ?? 0, entry.number(at: 32) ?? 0)
        }
        let entries = try table(
            at: field(40, as: UInt64.self), count: field(60, as: UInt16.self), size: field(58, as: UInt16.self), of: 64)
        guard !entries.isEmpty else { throw Fault.malformed("it has no sections") }
        // Sections must not overlap, which bounds the cost of reading all of them.
        var left = file.count
        return try entries.map { entry in
            let section = Section(
                type: entry.number(at: 4) ?? 0, offset: entry.number(at: 24) ?? 0, size: entry.number(at: 32) ?? 0,
                link: entry.number(at: 40) ?? 0, alignment: entry.number(at: 48) ?? 0)
            // Type 8 takes no bytes in the file.
            if section.type != 8 {
                try check(section.offset, section.size)
                guard section.size <= left else { throw Fault.malformed("its sections overlap") }
                left -= section.size
            }
            return section
        }
    }

    private func table(at offset: UInt64, count: UInt64, size: UInt64, of expected: UInt64) throws -> [[UInt8]] {
        guard count > 0 else { return [] }
        guard size == expected else { throw Fault.malformed("a table's entries have \(size) bytes, not \(expected)") }
        try check(offset, count * size)
        return try (0..<count).map { try file.bytes(at: offset + $0 * size, size) ?? [] }
    }

    private func check(_ offset: UInt64, _ size: UInt64) throws {
        let (end, overflows) = offset.addingReportingOverflow(size)
        guard !overflows else { throw Fault.malformed("a part of it is beyond any file size") }
        guard end <= file.count else { throw Fault.truncated(expected: end) }
    }
}
