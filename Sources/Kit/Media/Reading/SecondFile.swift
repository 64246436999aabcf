import KitCore

/// Finds another file after the stated end of the first, in containers of parts with stated lengths. Readers silently
/// stop at the end of the first file.
enum SecondFile {
    /// The maximum number of parts to follow, since a file may state any sizes.
    private static let mostParts = 4_000_000

    /// The byte at which it begins; nil if there is none, or if the container has no such parts.
    static func place(behind demuxer: Demuxer) throws -> Int? {
        guard let file = FileBytes(demuxer.path) else { return nil }
        return try demuxer.container.secondFile?(file)
    }

    @Sendable static func aiff(_ file: FileBytes) throws -> Int? {
        try repeated("FORM", file, header: 8) { Int(bigEndian: $0.suffix(4)) }
    }

    @Sendable static func wave64(_ file: FileBytes) throws -> Int? {
        try repeated("riff", file, header: 24, counts: true) { Int(littleEndian: $0.suffix(8)) }
    }

    /// RIFF: the same kind of file after the first. Large AVI files continue in parts of kind `AVIX`. Source: OpenDML
    /// AVI File Format Extensions, 1997.
    @Sendable static func riff(_ file: FileBytes) throws -> Int? {
        guard let first = file.bytes(at: 8, count: 4) else { return nil }
        return try walk(file, from: 0, header: 12) { place, bytes in
            guard bytes.prefix(4) == Array("RIFF".utf8)[...] else { return .other }
            if place > 0, bytes.suffix(4) == first[...] { return .found }
            let size = Int(littleEndian: bytes[4..<8])
            return .next(8 + size + size % 2)
        }
    }

    /// A file that is one part with a stated length: another part of the same name after it.
    private static func repeated(
        _ name: String, _ file: FileBytes, header: Int, counts isHeaderCounted: Bool = false,
        size: (ArraySlice<UInt8>) -> Int
    ) throws -> Int? {
        try walk(file, from: 0, header: header) { place, bytes in
            guard bytes.prefix(4) == Array(name.utf8)[...] else { return .other }
            if place > 0 { return .found }
            let size = size(bytes[...])
            return .next((isHeaderCounted ? 0 : header) + size + size % 2)
        }
    }

    /// Source: Apple Core Audio Format Specification 1.0.
    @Sendable static func coreAudio(_ file: FileBytes) throws -> Int? {
        try walk(file, from: 8, header: 12) { _, bytes in
            if bytes.prefix(4) == Array("caff".utf8)[...] { return .found }
            return .next(12 + Int(bigEndian: bytes.suffix(8)))
        }
    }

    /// Source: Microsoft, Advanced Systems Format Specification, revision 01.20.03.
    @Sendable static func asf(_ file: FileBytes) throws -> Int? {
        let header: [UInt8] = [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]
        return try walk(file, from: 0, header: 24) { place, bytes in
            if place > 0, bytes.prefix(8) == header[...] { return .found }
            return .next(Int(littleEndian: bytes.suffix(8)))
        }
    }

    /// Source: Adobe Flash Video File Format Specification 10.1, annex E.
    @Sendable static func flv(_ file: FileBytes) throws -> Int? {
        guard let first = file.number(at: 5, bytes: 4) else { return nil }
        return try walk(file, from: first + 4, header: 11) { _, bytes in
            if bytes.prefix(4) == (Array("FLV".utf8) + [1])[...] { return .found }
            return .next(11 + Int(bigEndian: bytes[1..<4]) + 4)
        }
    }

    private enum Step {
        case found, other
        /// The number of bytes to the next part.
        case next(Int)
    }

    /// Goes from part to part. An invalid part ends the search.
    private static func walk(
        _ file: FileBytes, from start: Int, header: Int, _ look: (Int, [UInt8]) -> Step
    ) throws -> Int? {
        var place = start
        for part in 0..<mostParts {
            if part % 4096 == 0 { try Interrupt.check() }
            guard let bytes = file.bytes(at: place, count: header) else { return nil }
            switch look(place, bytes) {
            case .found: return place
            case .other: return nil
            case .next(let length):
                guard length >= header, length <= file.count - place else { return nil }
                place += length
            }
        }
        return nil
    }
}

extension Int {
    /// An unsigned big-endian number of up to eight bytes.
    fileprivate init(bigEndian bytes: some Collection<UInt8>) {
        // At most half the range, so that lengths can be added to it.
        self = Swift.min(Int.max / 2, Int(clamping: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
    }

    /// The same, little-endian.
    fileprivate init(littleEndian bytes: some BidirectionalCollection<UInt8>) { self.init(bigEndian: bytes.reversed()) }
}
