/// A pattern for dotted names, such as those of modules and parameters, in the notation of Lua's patterns: `blocks%.3`,
/// `layer[34]`, `.*norm.*`.
public struct NamePattern {
    public let text: String
    private let regex: Regex<AnyRegexOutput>

    /// Throws a `KitError` if the pattern is malformed.
    public init(_ text: String) throws {
        self.text = text
        do {
            regex = try Regex(Self.translated(text))
        } catch {
            throw KitError.usage("\"\(text)\" is not a pattern: see Lua's patterns, as in \"blocks%.3\"")
        }
    }

    /// The pattern that matches only this name.
    public static func literal(_ name: String) -> String {
        name.reduce(into: "") { result, letter in
            if !(letter.isLetter || letter.isNumber || letter == "_") { result += "%" }
            result.append(letter)
        }
    }

    /// Whether the pattern matches the whole name.
    public func matches(_ name: String) -> Bool { name.wholeMatch(of: regex) != nil }

    /// Whether the pattern matches the whole name, or its start up to a dot, which is the name of an enclosing module.
    public func covers(_ name: String) -> Bool {
        if matches(name) { return true }
        return name.indices.contains { name[$0] == "." && matches(String(name[..<$0])) }
    }

    /// A Lua pattern as a regular expression. Balanced pairs, frontiers and captures are not supported.
    private static func translated(_ pattern: String) throws -> String {
        let classes: [Character: String] = [
            "a": "[A-Za-z]", "d": "[0-9]", "l": "[a-z]", "u": "[A-Z]", "w": "[A-Za-z0-9]", "s": "\\s",
            "p": "[^A-Za-z0-9\\s]",
        ]
        var (result, rest, isInSet) = ("", pattern[...], false)
        while let letter = rest.popFirst() {
            switch letter {
            case "%":
                guard let next = rest.popFirst() else { throw KitError.usage("ends with %") }
                let known = classes[next]
                result += known.map { isInSet ? String($0.dropFirst().dropLast()) : $0 } ?? escaped(next)
            case "[" where !isInSet:
                isInSet = true
                result += "["
            case "]" where isInSet:
                isInSet = false
                result += "]"
            case "-" where !isInSet: result += "*?"
            case "^" where !isInSet && result.isEmpty, "$" where !isInSet && rest.isEmpty: continue
            case "\\", "{", "}", "|", "(", ")", "^", "$": result += isInSet && letter == "^" ? "^" : escaped(letter)
            default: result.append(letter)
            }
        }
        return result
    }

    private static func escaped(_ letter: Character) -> String {
        letter.isLetter || letter.isNumber || letter == "_" ? String(letter) : "\\\(letter)"
    }
}
