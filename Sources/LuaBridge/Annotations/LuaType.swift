import Kit

/// Converts the type names of help to types of lua-language-server.
enum LuaType {
    /// The type of a constructor, which takes a table of options.
    static let constructor = "constructor"

    private static let plain = [
        "number": "number", "integer": "integer", "string": "string", "boolean": "boolean", "function": "function",
        "table": "table", "list": "table", "value": "any", "nil": "nil", "nothing": "nil",
    ]

    /// "number[]" for "list of numbers", "\"all\"|\"cross\"" for "one of all, cross".
    static func annotation(_ words: String) -> String {
        if let known = plain[words] { return known }
        if let rest = words.prefix(before: ", or nil") ?? words.prefix(before: " or nil") {
            let type = annotation(rest)
            return type == "any" ? type : "\(type)|nil"
        }
        if let element = words.prefix(before: " or list of them") {
            return "\(annotation(element))|\(list(annotation(element)))"
        }
        if let rest = words.suffix(after: "one of ") {
            let parts = rest.replacing(", or ", with: " or ").split(separator: " or ").map(String.init)
            let choices = parts[0].split(separator: ",").map { "\"\($0.trimmed)\"" }
            return (choices + parts.dropFirst().map(annotation)).joined(separator: "|")
        }
        // Descriptions of several forms in a sentence.
        if words.contains(",") { return "any" }
        let parts = words.split(separator: " or ").map(String.init)
        if parts.count > 1 { return parts.map(annotation).joined(separator: "|") }
        if let elements = words.suffix(after: "list of ") { return list(annotation(singular(elements))) }
        if let elements = words.suffix(after: "table of named ") {
            return "table<string, \(annotation(singular(elements)))>"
        }
        return className(words)
    }

    /// The classes of native objects in a type name.
    static func classNames(_ words: String) -> [String] {
        let type = annotation(words).replacing(#/"[^"]*"/#, with: "")
        return type.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init).filter {
            !plain.values.contains($0)
        }
    }

    /// "film_dataset" for "film dataset".
    static func className(_ typeName: String) -> String { typeName.replacing(" ", with: "_") }

    private static func list(_ element: String) -> String {
        element.contains("|") ? "(\(element))[]" : "\(element)[]"
    }

    /// Takes back `String.typePlural`: "list of integers" for "lists of integers".
    private static func singular(_ words: String) -> String {
        guard !words.hasPrefix("one of ") else { return words }
        let end = words.firstRange(of: "s of ")?.lowerBound ?? words.index(before: words.endIndex)
        return words[end] == "s" ? String(words[..<end] + words[words.index(after: end)...]) : words
    }
}

extension String {
    fileprivate func suffix(after start: String) -> String? { hasPrefix(start) ? String(dropFirst(start.count)) : nil }
    fileprivate func prefix(before end: String) -> String? { hasSuffix(end) ? String(dropLast(end.count)) : nil }
}

extension Substring {
    fileprivate var trimmed: Substring { drop { $0 == " " } }
}
