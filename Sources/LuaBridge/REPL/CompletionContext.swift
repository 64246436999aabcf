import Kit

/// The kind of text at the cursor.
enum CompletionContext: Equatable {
    /// A single name.
    case global(word: String)
    /// The name after `path.` or `path:`.
    case member(path: [String], word: String, isMethod: Bool)
    /// A key inside the braces of `path { ... }`.
    case optionKey(path: [String], used: [String], word: String)
    /// The value after `key =` in such braces; `isQuoted` if a string is open.
    case optionValue(path: [String], key: String, word: String, isQuoted: Bool)
    /// A string that is an argument of `path:method(`, counted from 0.
    case argument(path: [String], method: String, position: Int, word: String)
    /// The string after `require`.
    case moduleName(String)
    /// The inside of a string.
    case filePath(String)
    /// The word after the colon of `:run`.
    case command(word: String)
    /// A key after the file of `:run`, with the keys that are already given.
    case recipeKey(file: String, used: [String], word: String)
    case nothing

    /// - Parameter text: all text before the cursor.
    init(_ text: String) {
        if text.hasPrefix(":") {
            guard let space = text.firstIndex(of: " ") else {
                self = .command(word: String(text.dropFirst()))
                return
            }
            let rest = String(text[text.index(after: space)...])
            let takesFile = ["run", "reload"].contains(text[..<space].dropFirst())
            self = takesFile ? Self.run(rest) : CompletionContext(rest)
            return
        }
        let text = text.hasPrefix("?") ? String(text.dropFirst()) : text
        var tokens = LuaScanner.tokens(text)
        guard let last = tokens.last else {
            self = .global(word: "")
            return
        }
        switch last.kind {
        case .comment(isClosed: false): self = .nothing
        case .string(isClosed: false):
            tokens.removeLast()
            if let (path, place) = Self.constructor(around: tokens),
                let key = Self.key(before: tokens.count, after: place, tokens)
            {
                self = .optionValue(path: path, key: key, word: last.text, isQuoted: true)
            } else {
                self = Self.call(before: tokens, last.text) ?? .filePath(last.text)
            }
        case .number where last.range.upperBound == text.utf8.count: self = .nothing
        default:
            var word = ""
            if last.kind == .name, last.range.upperBound == text.utf8.count {
                word = last.text
                tokens.removeLast()
            }
            self = Self.context(of: word, after: tokens)
        }
    }

    /// The text after `:run `: a file, then keys whose values are free.
    private static func run(_ text: String) -> CompletionContext {
        let words = text.parts(separatedBy: " ", omittingEmpty: false)
        guard words.count > 1, let word = words.last else { return .filePath(text) }
        guard !word.contains("=") else { return .nothing }
        let used = words.dropFirst().dropLast().compactMap { $0.parts(separatedBy: "=").first }
        return .recipeKey(file: words[0], used: used, word: word)
    }

    /// The call of which an open string after these words is an argument, unless it takes a file: `require "`,
    /// `films:split("`.
    private static func call(before tokens: [LuaScanner.Token], _ word: String) -> CompletionContext? {
        var (place, position, depth) = (tokens.count - 1, 0, 0)
        // Goes back over other arguments to the parenthesis. A string may also follow a name directly.
        while place >= 0, tokens[place].kind != .name || position > 0 || depth > 0 {
            switch tokens[place].kind == .symbol ? tokens[place].text : "" {
            case ")", "}", "]": depth += 1
            case "{" where depth == 0, "[" where depth == 0: return nil
            case "(" where depth == 0: return call(named: place - 1, position, tokens, word)
            case "(", "{", "[": depth -= 1
            case "," where depth == 0: position += 1
            default: break
            }
            place -= 1
        }
        return position == 0 ? call(named: place, 0, tokens, word) : nil
    }

    private static func call(
        named place: Int, _ position: Int, _ tokens: [LuaScanner.Token], _ word: String
    ) -> CompletionContext? {
        guard place >= 0, tokens[place].kind == .name else { return nil }
        if tokens[place].text == "require" { return .moduleName(word) }
        guard place >= 2, tokens[place - 1].text == ":" else { return nil }
        let path = LuaScanner.path(endingAt: place - 1, tokens)
        return path.isEmpty
            ? nil : .argument(path: path, method: tokens[place].text, position: position, word: word)
    }

    private static func context(of word: String, after tokens: [LuaScanner.Token]) -> CompletionContext {
        if let separator = tokens.last?.text, separator == "." || separator == ":" {
            let path = LuaScanner.path(endingAt: tokens.count - 1, tokens)
            return path.isEmpty ? .nothing : .member(path: path, word: word, isMethod: separator == ":")
        }
        guard let (path, brace) = constructor(around: tokens) else { return .global(word: word) }
        if brace == tokens.count - 1 || [",", ";"].contains(tokens.last?.text) {
            let used = tokens.indices.dropLast().filter {
                $0 > brace && tokens[$0].kind == .name && tokens[$0 + 1].text == "="
            }
            return .optionKey(path: path, used: used.map { tokens[$0].text }, word: word)
        }
        if let key = key(before: tokens.count, after: brace, tokens) {
            return .optionValue(path: path, key: key, word: word, isQuoted: false)
        }
        return .global(word: word)
    }

    /// The innermost open brace, if the text before it is a call: `kit.loss.nt_xent {` or `kit.loss.nt_xent({`.
    private static func constructor(around tokens: [LuaScanner.Token]) -> (path: [String], brace: Int)? {
        var depth = 0
        for place in tokens.indices.reversed() where tokens[place].kind == .symbol {
            switch tokens[place].text {
            case ")", "]", "}": depth += 1
            case "(", "[", "{":
                if depth > 0 {
                    depth -= 1
                    continue
                }
                guard tokens[place].text == "{" else { return nil }
                let end = place > 0 && tokens[place - 1].text == "(" ? place - 1 : place
                let path = LuaScanner.path(endingAt: end, tokens)
                return path.isEmpty ? nil : (path, place)
            default: break
            }
        }
        return nil
    }

    /// The key if the two tokens before `end` are `key =` directly inside the brace.
    private static func key(before end: Int, after brace: Int, _ tokens: [LuaScanner.Token]) -> String? {
        guard end - 2 > brace, tokens[end - 1].text == "=", tokens[end - 2].kind == .name,
            end - 3 == brace || [",", ";"].contains(tokens[end - 3].text)
        else { return nil }
        return tokens[end - 2].text
    }
}
