import Kit

/// An error as the prompt shows it: the message, the line, and a caret under the wrong part.
package struct ErrorReport {
    private let hasColor: Bool

    package init(hasColor: Bool) { self.hasColor = hasColor }

    /// - Parameters:
    ///   - sources: the text of a chunk or file by its name in messages.
    ///   - isWrong: whether a text cannot be the beginning of a chunk.
    package func text(
        for error: KitError, sources: (String) -> String?, isWrong: (String) -> Bool
    ) -> String {
        guard let (place, number, message) = Self.parts(of: error.message), let source = sources(place) else {
            return red(error.message)
        }
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return red(error.message) }
        // The chunk that was just typed is visible above; only others need their names.
        let head =
            place.hasPrefix("prompt ") ? (lines.count > 1 ? "line \(number): \(message)" : message) : error.message
        let line = String(lines[number - 1])
        let before = lines[..<(number - 1)].map { $0 + "\n" }.joined()
        let (column, length) = Self.place(of: message, in: line) { isWrong(before + $0) }
        let indent = line.prefix(column).map { $0 == "\t" ? "\t" : " " }.joined()
        let caret = indent + "^" + String(repeating: "~", count: max(0, length - 1))
        return "\(red(head))\n  \(line)\n  \(caret)"
    }

    private func red(_ text: String) -> String {
        hasColor ? "\u{1B}[31m\(text.printable)\u{1B}[0m" : text.printable
    }

    /// Splits "recipe.lua:12: message" into its parts.
    private static func parts(of message: String) -> (place: String, line: Int, message: String)? {
        guard let match = message.prefixMatch(of: #/([^\n]+?):(\d+): /#), let line = Int(match.2) else { return nil }
        return (String(match.1), line, String(message[match.range.upperBound...]))
    }

    /// The column and length of the part that a message is about. Lua states only the line, and names in quotes.
    private static func place(
        of message: String, in line: String, isWrong: (String) -> Bool
    ) -> (column: Int, length: Int) {
        let bytes = Array(line.utf8)
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        let words = LuaScanner.tokens(line)
        for match in message.matches(of: #/'([^']+)'/#) {
            let name = String(match.1)
            let found = words.filter { text($0.range) == name || $0.text == name }
            // A syntax error begins at the first word that cannot follow the text before it.
            let isSyntax = message[..<match.range.lowerBound].hasSuffix("near ")
            if let word = found.first(where: { !isSyntax || isWrong(text(0..<$0.range.upperBound)) }) {
                return (text(0..<word.range.lowerBound).count, text(word.range).count)
            }
        }
        if message.hasSuffix("near <eof>") { return (line.count, 1) }
        return (line.prefix { $0 == " " || $0 == "\t" }.count, 1)
    }
}
