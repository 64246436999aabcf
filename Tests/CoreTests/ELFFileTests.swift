import Foundation
import KitCore
import TestSupport
import Testing

/// Files that a linker would never make.
struct ELFFileTests {
    private struct Section {
        var type: UInt32
        var bytes: [UInt8] = []
        var link: UInt32 = 0
        /// Where it claims to be, if not where its bytes are.
        var place: Int?
        var size: Int?
    }

    private static func bytes(_ numbers: (UInt64, Int)...) -> [UInt8] {
        numbers.flatMap { number, count in (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }

    private static func symbol(_ name: Int, defined: Bool) -> [UInt8] {
        bytes((UInt64(name), 4), (0x12, 1), (0, 1), (defined ? 1 : 0, 2), (0, 16))
    }

    /// A shared library for x86-64 of these sections behind the empty first one.
    private static func file(_ sections: [Section]) -> [UInt8] {
        var body: [UInt8] = []
        var table = bytes((0, 64))
        for section in sections {
            let place = UInt64(section.place ?? 64 + body.count)
            let size = UInt64(section.size ?? section.bytes.count)
            body += section.bytes
            table += bytes((0, 4), (UInt64(section.type), 4), (0, 16), (place, 8), (size, 8))
            table += bytes((UInt64(section.link), 4), (0, 4), (4, 8), (0, 8))
        }
        var header: [UInt8] = [0x7F]
        header += Array("ELF".utf8)
        header += bytes((0x0001_0102, 4), (0, 8), (3, 2), (62, 2), (1, 4), (0, 16))
        header += bytes((UInt64(64 + body.count), 8), (0, 4), (64, 2), (56, 2), (0, 2), (64, 2))
        header += bytes((UInt64(sections.count + 1), 2), (0, 2))
        return header + body + table
    }

    private func opening<Value>(_ sections: [Section], _ read: (ELFFile) throws -> Value) throws -> Value {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.so")
            try Data(Self.file(sections)).write(to: path)
            return try read(try ELFFile(path.path))
        }
    }

    private static let names = Section(type: 3, bytes: Array("\0start\0libc.so\0".utf8))
    private static let symbols = Section(
        type: 11, bytes: bytes((0, 24)) + symbol(1, defined: true) + symbol(3, defined: false), link: 1)
    private static let dynamic = Section(type: 6, bytes: bytes((1, 8), (7, 8), (0, 16)), link: 1)
    private static let note = Section(type: 7, bytes: bytes((4, 4), (2, 4), (3, 4)) + Array("GNU\0ab\0\0".utf8))

    @Test func whatASoundFileSays() throws {
        try opening([Self.names, Self.symbols, Self.dynamic, Self.note]) { file in
            #expect(file.isShared && file.architecture.description == "x86-64 (64 bits)")
            let symbols = try file.symbols()
            #expect(symbols.map(\.name) == ["start", "art"] && symbols.map(\.isDefined) == [true, false])
            #expect(try file.neededLibraries() == ["libc.so"])
            #expect(try file.notes(of: "GNU", type: 3) == [Array("ab".utf8)])
        }
    }

    /// A file of 70 KiB whose thousand sections of notes are all of it would give a thousand times its size.
    @Test func sectionsThatOverlapAreRefused() throws {
        let notes = Section(type: 7, bytes: Array(repeating: Self.note.bytes, count: 200).flatMap { $0 })
        let again = Section(type: 7, place: 64, size: notes.bytes.count)
        #expect(try opening([notes]) { try $0.notes(of: "GNU", type: 3).count } == 200)
        #expect(throws: ELFFile.Fault.malformed("its sections overlap")) {
            try opening([notes] + Array(repeating: again, count: 1000)) { try $0.notes(of: "GNU", type: 3) }
        }
    }

    @Test func aSecondTableIsRefused() throws {
        #expect(throws: ELFFile.Fault.malformed("it has 2 tables of symbols")) {
            try opening([Self.names, Self.symbols, Self.symbols]) { try $0.symbols() }
        }
        #expect(throws: ELFFile.Fault.malformed("it has 2 tables of libraries")) {
            try opening([Self.names, Self.dynamic, Self.dynamic]) { try $0.neededLibraries() }
        }
    }

    /// A thousand symbols whose names all end where the longest does: of a file of 50 KiB, names of 25 MiB.
    @Test func namesThatOverlapAreRefused() throws {
        let long = Section(type: 3, bytes: [0] + Array(repeating: UInt8(ascii: "n"), count: 25_000) + [0])
        let many = Section(
            type: 11, bytes: Self.bytes((0, 24)) + (1...1000).flatMap { Self.symbol($0, defined: true) }, link: 1)
        #expect(throws: ELFFile.Fault.malformed("its names overlap")) {
            try opening([long, many]) { try $0.symbols() }
        }
        let libraries = Section(
            type: 6, bytes: (1...1000).flatMap { Self.bytes((1, 8), (UInt64($0), 8)) }, link: 1)
        #expect(throws: ELFFile.Fault.malformed("its names overlap")) {
            try opening([long, libraries]) { try $0.neededLibraries() }
        }
    }
}
