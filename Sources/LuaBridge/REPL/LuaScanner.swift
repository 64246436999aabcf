/// The tokens of a piece of Lua, which may be unfinished, for completion and for locating an error.
struct LuaScanner {
    struct Token: Equatable {
        enum Kind: Equatable {
            case name, number, symbol
            /// A comment or string, and whether it is closed.
            case comment(isClosed: Bool)
            case string(isClosed: Bool)
        }
        let kind: Kind
        /// The range in the text's UTF-8.
        let range: Range<Int>
        /// The text as written; without delimiters for a string.
        let text: String
    }

    private let bytes: [UInt8]
    private var place = 0

    private init(_ text: String) { bytes = Array(text.utf8) }

    static func tokens(_ text: String) -> [Token] {
        var scanner = LuaScanner(text)
        var tokens: [Token] = []
        while let token = scanner.next() { tokens.append(token) }
        return tokens
    }

    static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) } && !keywords.contains(text)
    }

    /// The path `a.b.c` that ends before an index; empty if there is something else.
    static func path(endingAt end: Int, _ tokens: [Token]) -> [String] {
        var (names, place) = ([String](), end - 1)
        while place >= 0, tokens[place].kind == .name, !keywords.contains(tokens[place].text) {
            names.insert(tokens[place].text, at: 0)
            guard place >= 2, tokens[place - 1].text == "." else { return names }
            place -= 2
        }
        return []
    }

    private mutating func next() -> Token? {
        while place < bytes.count, bytes[place] <= UInt8(ascii: " ") { place += 1 }
        guard place < bytes.count else { return nil }
        let start = place
        let first = bytes[place]
        if Self.isLetter(first) {
            skip { Self.isLetter($0) || Self.isDigit($0) }
            return token(.name, from: start)
        }
        if Self.isDigit(first) {
            skip { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: ".") }
            return token(.number, from: start)
        }
        if starts(with: "--") {
            place += 2
            if let closed = longBracket() { return token(.comment(isClosed: closed), from: start) }
            skip { $0 != UInt8(ascii: "\n") }
            return token(.comment(isClosed: place < bytes.count), from: start)
        }
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return quoted(by: first) }
        if let closed = longBracket() { return token(.string(isClosed: closed), from: start) }
        for symbol in ["...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"] where starts(with: symbol) {
            place += symbol.utf8.count
            return token(.symbol, from: start)
        }
        place += 1
        // A letter beyond ASCII has several bytes.
        skip { $0 & 0xC0 == 0x80 }
        return token(.symbol, from: start)
    }

    private mutating func quoted(by quote: UInt8) -> Token {
        let start = place
        place += 1
        while place < bytes.count, bytes[place] != quote, bytes[place] != UInt8(ascii: "\n") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        place = min(place, bytes.count)
        let inner = String(decoding: bytes[start + 1..<place], as: UTF8.self)
        let isClosed = place < bytes.count
        if isClosed { place += 1 }
        return Token(kind: .string(isClosed: isClosed), range: start..<place, text: inner)
    }

    /// Skips `[[ ... ]]` or `[==[ ... ]==]` and returns whether it is closed; nil if there is none here.
    private mutating func longBracket() -> Bool? {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "[") else { return nil }
        var level = place + 1
        while level < bytes.count, bytes[level] == UInt8(ascii: "=") { level += 1 }
        guard level < bytes.count, bytes[level] == UInt8(ascii: "[") else { return nil }
        let closing = "]" + String(repeating: "=", count: level - place - 1) + "]"
        place = level + 1
        while place < bytes.count {
            if starts(with: closing) {
                place += closing.utf8.count
                return true
            }
            place += 1
        }
        return false
    }

    private mutating func skip(while fits: (UInt8) -> Bool) {
        while place < bytes.count, fits(bytes[place]) { place += 1 }
    }

    private func starts(with text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

    private func token(_ kind: Token.Kind, from start: Int) -> Token {
        Token(kind: kind, range: start..<place, text: String(decoding: bytes[start..<place], as: UTF8.self))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
