/// The header of an .npy file: a Python dictionary with exactly these three keys.
///
/// As strict as numpy: unknown content must not be skipped, because the shape could come out wrong.
struct NumpyHeader {
    /// The error, for a message that begins with the file's name.
    struct Fault: Error { let message: String }

    /// The type of the values in numpy's notation, as "<f4".
    let type: String
    /// Whether the first axis is the fastest.
    let isFortran: Bool
    let extents: [Int]

    init(_ text: [UInt8]) throws {
        var scanner = Scanner(text[...])
        var type: String?
        var isFortran: Bool?
        var extents: [Int]?
        try scanner.list("{", "}") { scanner in
            let key = try scanner.string()
            try scanner.expect(":")
            switch key {
            case "descr" where type == nil:
                guard scanner.peek() != UInt8(ascii: "[") else {
                    throw Fault(message: "contains values of several fields")
                }
                type = try scanner.string()
            case "fortran_order" where isFortran == nil: isFortran = try scanner.truth()
            case "shape" where extents == nil: extents = try scanner.tuple()
            case "descr", "fortran_order", "shape": throw Fault(message: "has two '\(key)' in its header")
            default: throw Fault(message: "has the unknown key '\(key)' in its header")
            }
        }
        guard scanner.peek() == nil else { throw scanner.fault("the end") }
        guard let type else { throw Fault(message: "names no type") }
        guard let isFortran else { throw Fault(message: "names no order") }
        guard let extents else { throw Fault(message: "names no shape") }
        (self.type, self.isFortran, self.extents) = (type, isFortran, extents)
    }

    /// The few kinds of Python literals in such a dictionary.
    private struct Scanner {
        private var rest: ArraySlice<UInt8>

        init(_ text: ArraySlice<UInt8>) { rest = text }

        func fault(_ expected: String) -> Fault {
            let given = String(decoding: rest.prefix(20), as: UTF8.self)
            return Fault(
                message: "is damaged in its header: expected \(expected), but "
                    + (rest.isEmpty ? "it ends" : "there is \"\(given)\""))
        }

        /// The next byte that is not white space; nil at the end.
        mutating func peek() -> UInt8? {
            rest = rest.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
            return rest.first
        }

        mutating func expect(_ sign: Unicode.Scalar) throws {
            guard peek() == UInt8(ascii: sign) else { throw fault("'\(sign)'") }
            rest.removeFirst()
        }

        /// Comma-separated values between two brackets. Returns whether there is a comma after the last.
        @discardableResult
        mutating func list(
            _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ element: (inout Scanner) throws -> Void
        ) throws -> Bool {
            try expect(open)
            var endsInComma = false
            while peek() != UInt8(ascii: close) {
                try element(&self)
                endsInComma = peek() == UInt8(ascii: ",")
                if endsInComma { rest.removeFirst() } else { break }
            }
            try expect(close)
            return endsInComma
        }

        /// A string in quotes of either kind. Strings with escapes are refused, since no key has one.
        mutating func string() throws -> String {
            guard let quote = peek(), [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(quote),
                let end = rest.dropFirst().firstIndex(of: quote)
            else { throw fault("a string") }
            let text = rest[rest.startIndex + 1..<end]
            guard !text.contains(UInt8(ascii: "\\")), let string = String(validating: text, as: UTF8.self) else {
                throw fault("a plain string")
            }
            rest = rest[(end + 1)...]
            return string
        }

        mutating func truth() throws -> Bool {
            _ = peek()
            for (word, value) in [("True", true), ("False", false)] where rest.starts(with: word.utf8) {
                rest = rest.dropFirst(word.utf8.count)
                return value
            }
            throw fault("True or False")
        }

        /// A tuple of whole numbers from 0 up. In Python, a number in parentheses without a comma is not a tuple.
        mutating func tuple() throws -> [Int] {
            var numbers: [Int] = []
            let before = rest
            let endsInComma = try list("(", ")") { scanner in
                _ = scanner.peek()
                let digits = scanner.rest.prefix { (0x30...0x39).contains($0) }
                guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
                    throw scanner.fault("an extent that fits 63 bits")
                }
                numbers.append(number)
                scanner.rest = scanner.rest[digits.endIndex...]
            }
            guard numbers.count != 1 || endsInComma else {
                rest = before
                throw fault("a tuple")
            }
            return numbers
        }
    }
}
