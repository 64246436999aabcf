import KitCore

/// One header of a tar file: POSIX.1-2001 (ustar and pax), GNU tar, or the format of Unix V7.
struct TarHeader {
    /// The size of headers; the content of members is padded to it.
    static let size = 512

    enum Kind: Equatable {
        case file, folder
        /// A link, device or pipe.
        case special
        /// The name of the next member, or of what it links to (GNU tar).
        case longName, longLink
        /// Records about the next member, or about all that follow (pax).
        case records, globalRecords
        /// A label of the whole file.
        case label
        /// Of no use without another file or a map of its holes, in words.
        case unsupported(String)
    }

    /// As stored, not checked.
    let name: [UInt8]
    /// Bytes of the content.
    let size: Int
    let kind: Kind

    /// Throws `.badData` with the reason if the block is not a header.
    init(_ block: [UInt8]) throws {
        guard Self.hasChecksum(block) else { throw KitError(.badData, "its checksum is wrong") }
        guard let size = Self.number(block[124..<136]) else { throw KitError(.badData, "its size is not a number") }
        let name = Self.text(block[0..<100])
        // GNU tar's magic number ends in a space, and stores other things in the place of the prefix.
        let hasPrefix = block[257..<263].elementsEqual(Array("ustar\0".utf8))
        let prefix = hasPrefix ? Self.text(block[345..<500]) : []
        self.name = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
        switch block[156] {
        case 0 where name.last == UInt8(ascii: "/"): kind = .folder
        case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): kind = .file
        case UInt8(ascii: "1")...UInt8(ascii: "4"), UInt8(ascii: "6"): kind = .special
        case UInt8(ascii: "5"): kind = .folder
        case UInt8(ascii: "L"): kind = .longName
        case UInt8(ascii: "K"): kind = .longLink
        case UInt8(ascii: "x"): kind = .records
        case UInt8(ascii: "g"): kind = .globalRecords
        case UInt8(ascii: "V"): kind = .label
        case UInt8(ascii: "S"): kind = .unsupported("a sparse file")
        case UInt8(ascii: "M"): kind = .unsupported("the continuation of another tar file")
        case let letter: kind = .unsupported("of an unknown kind ('\(FileName.escaped([letter]))')")
        }
        // Folders and links have no content, whatever size they state; Python's tarfile does the same.
        self.size = [.folder, .special].contains(kind) ? 0 : size
    }

    /// The text of a field up to its first NUL.
    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// A field in octal digits, or in base 256 where its first bit is set (GNU tar); nil if it is neither or negative.
    static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            // The second bit is the sign.
            guard first & 0x40 == 0 else { return nil }
            let bytes = [first & 0x3F] + field.dropFirst()
            guard bytes.dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
            return bytes.reduce(0) { $0 << 8 | Int($1) }
        }
        let isBlank = { (byte: UInt8) in byte == 0 || byte == UInt8(ascii: " ") }
        let digits = field.drop(while: isBlank).prefix { !isBlank($0) }
        guard field[digits.endIndex...].allSatisfy(isBlank) else { return nil }
        guard !digits.isEmpty else { return 0 }
        return String(validating: digits, as: UTF8.self).flatMap {
            $0.first == "-" || $0.first == "+" ? nil : Int($0, radix: 8)
        }
    }

    /// The sum of all bytes, with spaces in the place of the checksum. Some old programs added signed bytes.
    private static func hasChecksum(_ block: [UInt8]) -> Bool {
        guard let stated = number(block[148..<156]) else { return false }
        func sum(_ value: (UInt8) -> Int) -> Int {
            block[..<148].reduce(8 * 32) { $0 + value($1) } + block[156...].reduce(0) { $0 + value($1) }
        }
        return stated == sum { Int($0) } || stated == sum { Int(Int8(bitPattern: $0)) }
    }
}

/// The records about a member in a pax header: `27 path=films/market.mkv\n`. Source: POSIX.1-2001, pax.
struct PaxRecords {
    private(set) var path: [UInt8]?
    private(set) var size: Int?

    /// Throws `.badData` with the reason if the bytes are not such records.
    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count < rest.count, let length = Self.decimal(digits), length > digits.count + 1,
                length <= rest.count
            else { throw KitError(.badData, "a record has a wrong length") }
            let record = rest.prefix(length).dropFirst(digits.count + 1)
            guard record.last == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw KitError(.badData, "a record is not 'name=value'")
            }
            let name = String(decoding: record[..<equals], as: UTF8.self)
            let value = record[record.index(after: equals)...].dropLast()
            // Sparse files come in two versions of pax records beside their own kind.
            if name.hasPrefix("GNU.sparse.") { throw KitError(.badData, "is a sparse file") }
            if name == "path" { path = Array(value) }
            if name == "size" {
                guard let number = Self.decimal(value) else {
                    throw KitError(.badData, "the record 'size' is not a number")
                }
                size = number
            }
            rest = rest.dropFirst(length)
        }
    }

    private static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
