import KitCore

extension ReaderCheck {
    /// Files of plugins, before they are loaded: notes, symbols, libraries.
    static let elf = ReaderCheck(name: "elf") { bytes in
        let source = try MemoryFile(bytes)
        guard let file = try unlessFault({ try ELFFile(source.path) }) else { return }
        let notes = try unlessFault { try file.notes(of: "GNU", type: 3) } ?? []
        try expect(notes.reduce(0) { $0 + $1.count } <= bytes.count, "more notes than bytes")
        let symbols = try unlessFault { try file.symbols() } ?? []
        try expect(symbols.count <= bytes.count / 24, "\(symbols.count) symbols in \(bytes.count) bytes")
        let names = try symbols.map(\.name) + (unlessFault { try file.neededLibraries() } ?? [])
        let size = names.reduce(0) { $0 + $1.utf8.count }
        try expect(size <= 2 * 64 * bytes.count, "names of \(size) bytes in \(bytes.count)")
        try expect(names.allSatisfy { !$0.utf8.contains(0) }, "a name has a zero")
    }

    private static func unlessFault<Value>(_ read: () throws -> Value) throws -> Value? {
        do { return try read() } catch is ELFFile.Fault { return nil }
    }
}
