import Glibc

/// Reads JSON strictly from a block of bytes, value by value, without building a tree.
///
/// Used for the headers of weight files, where a general parser would hide duplicate keys and use many times the
/// header's size in memory, and to find duplicate keys in all other files.
package struct JSONScanner {
    /// The error, with the byte offset.
    package struct Fault: Error {
        package let message: String
        package let offset: Int
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    package private(set) var offset = 0

    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    package func fault(_ message: String) -> Fault { Fault(message: message, offset: offset) }

    /// The next byte that is not white space; nil at the end.
    package mutating func peek() -> UInt8? {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            case let byte: return byte
            }
        }
        return nil
    }

    package mutating func expectEnd() throws {
        if peek() != nil { throw fault("something follows the end") }
    }

    /// Whether the next value is `null`, which is then skipped.
    package mutating func takeNull() throws -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try take("null")
        return true
    }

    /// Reads an object, calling `body` at each value with its key; `body` must read the value.
    package mutating func object(_ body: (inout JSONScanner, String) throws -> Void) throws {
        try sequence("{", "}") { scanner in
            let key = try scanner.string()
            try scanner.take(":")
            try body(&scanner, key)
        }
    }

    /// Reads an array, calling `body` at each value.
    package mutating func array(_ body: (inout JSONScanner) throws -> Void) throws { try sequence("[", "]", body) }

    package mutating func string() throws -> String {
        guard peek() == UInt8(ascii: "\"") else { throw fault("a string was expected") }
        offset += 1
        var text: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw fault("a string is not valid UTF-8")
                }
                offset += 1
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw fault("a string contains a control character")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw fault("a string does not end")
    }

    /// A whole number without sign, fraction or exponent.
    package mutating func unsigned() throws -> UInt64 {
        _ = peek()
        let start = offset
        var value: UInt64 = 0
        while offset < bytes.count, case let digit = bytes[offset] &- 0x30, digit < 10 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { throw fault("a number does not fit 64 bits") }
            value = sum
            offset += 1
        }
        let isPlain = offset == bytes.count || !(Array(".eE".utf8).contains(bytes[offset]))
        guard offset > start, isPlain, offset == start + 1 || bytes[start] != 0x30 else {
            throw fault("a whole number was expected")
        }
        return value
    }

    /// Skips any value.
    ///
    /// - Parameters:
    ///   - depth: the number of values that enclose it.
    ///   - keysOnce: whether a duplicate key is an error.
    package mutating func skip(depth: Int = 0, keysOnce: Bool = false) throws {
        guard depth < 128 else { throw fault("values are nested too deep") }
        switch peek() {
        case UInt8(ascii: "{"):
            var keys: Set<String> = []
            try object { scanner, key in
                guard !keysOnce || keys.insert(key).inserted else { throw scanner.fault("key '\(key)' comes twice") }
                try scanner.skip(depth: depth + 1, keysOnce: keysOnce)
            }
        case UInt8(ascii: "["): try array { try $0.skip(depth: depth + 1, keysOnce: keysOnce) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try take("true")
        case UInt8(ascii: "f"): try take("false")
        case UInt8(ascii: "n"): try take("null")
        default: try skipNumber()
        }
    }

    private mutating func sequence(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ element: (inout JSONScanner) throws -> Void
    ) throws {
        try take(String(open))
        if peek() == UInt8(ascii: close) {
            offset += 1
            return
        }
        while true {
            try element(&self)
            guard let next = peek() else { throw fault("the text ends too early") }
            if next == UInt8(ascii: close) {
                offset += 1
                return
            }
            try take(",")
        }
    }

    private mutating func take(_ word: String) throws {
        _ = peek()
        for byte in word.utf8 {
            guard offset < bytes.count, bytes[offset] == byte else { throw fault("'\(word)' was expected") }
            offset += 1
        }
    }

    private mutating func escape() throws -> Unicode.Scalar {
        offset += 1
        guard offset < bytes.count else { throw fault("a string does not end") }
        let letter = bytes[offset]
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if 0xd800..<0xdc00 ~= code, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
                bytes[offset + 1] == UInt8(ascii: "u")
            {
                offset += 2
                let low = try hexadecimal()
                guard 0xdc00..<0xe000 ~= low else { throw fault("half of a surrogate pair stands alone") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair stands alone") }
            return scalar
        default: throw fault("a string contains an unknown escape")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        guard offset + 4 <= bytes.count,
            let text = String(validating: bytes[offset..<offset + 4], as: UTF8.self),
            text.utf8.allSatisfy({ isxdigit(Int32($0)) != 0 }), let code = UInt32(text, radix: 16)
        else { throw fault("four hexadecimal digits were expected") }
        offset += 4
        return code
    }

    private mutating func skipNumber() throws {
        let start = offset
        func digits(_ scanner: inout JSONScanner) -> Int {
            let first = scanner.offset
            while scanner.offset < scanner.bytes.count, scanner.bytes[scanner.offset] &- 0x30 < 10 {
                scanner.offset += 1
            }
            return scanner.offset - first
        }
        func takeOne(of letters: String, _ scanner: inout JSONScanner) -> Bool {
            guard scanner.offset < scanner.bytes.count, letters.utf8.contains(scanner.bytes[scanner.offset]) else {
                return false
            }
            scanner.offset += 1
            return true
        }
        _ = takeOne(of: "-", &self)
        let first = offset
        let whole = digits(&self)
        guard whole > 0, whole == 1 || bytes[first] != 0x30 else { throw fault("a value was expected") }
        if takeOne(of: ".", &self), digits(&self) == 0 { throw fault("digits were expected") }
        if takeOne(of: "eE", &self) {
            _ = takeOne(of: "+-", &self)
            if digits(&self) == 0 { throw fault("digits were expected") }
        }
        guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite else {
            throw fault("a number is out of range")
        }
    }
}
