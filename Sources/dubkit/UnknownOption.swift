import ArgumentParser
import Kit

/// A better message about an unknown option of `dubkit run`, if a key of the recipe was meant.
enum UnknownOption {
    /// - Parameters:
    ///   - error: the parser's error.
    ///   - words: the command line.
    /// - Returns: the better message; nil if the parser's is good enough.
    static func error(for error: any Error, in words: [String]) -> KitError? {
        guard words.first == RunCommand._commandName,
            let found = Dubkit.message(for: error).firstMatch(
                of: #/^Unknown option '--([A-Za-z][\w-]*)'(?:\. Did you mean '--([\w-]+)'\?)?/#)
        else { return nil }
        let option = String(found.1)
        // The parser's suggestions are not always near.
        if let near = found.2, NearestName.of(option, in: [String(near)]) != nil { return nil }
        let key = option.replacing("-", with: "_")
        let value = value(of: option, in: words)
        return .usage(
            "run: there is no option '--\(option)': keys of a recipe are set with \(key)=\(value) or --set \(key)=\(value)"
        )
    }

    private static func value(of option: String, in words: [String]) -> String {
        for (index, word) in words.enumerated() {
            if word.hasPrefix("--\(option)=") { return String(word.dropFirst(option.count + 3)) }
            if word == "--\(option)", index + 1 < words.count, !words[index + 1].hasPrefix("-") {
                return words[index + 1]
            }
        }
        return "VALUE"
    }
}
