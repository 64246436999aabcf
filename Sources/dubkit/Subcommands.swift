import ArgumentParser
import Kit

enum Subcommands {
    /// Throws if there is an unknown word in the place of a subcommand, which the parser would only call unexpected.
    static func check(_ words: [String]) throws { _ = try find(words) }

    /// Throws if a word is empty, as from an unset shell variable: an empty path would mean the current folder or the
    /// root.
    static func checkValues(_ words: [String]) throws {
        for (index, word) in words.enumerated() {
            if word.hasPrefix("--"), word.hasSuffix("="), word.firstIndex(of: "=") == word.indices.last {
                throw KitError.usage("option '\(word.dropLast())' has no value")
            }
            guard word.isEmpty else { continue }
            let before = index > 0 ? words[index - 1] : ""
            throw KitError.usage(
                before.hasPrefix("-") ? "the word after '\(before)' is empty" : "argument \(index + 1) is empty")
        }
    }

    /// The subcommand that the words name, starting from the command itself, and the words after its name.
    static func find(_ words: [String]) throws -> (command: any ParsableCommand.Type, rest: ArraySlice<String>) {
        var command: any ParsableCommand.Type = Dubkit.self
        for (index, word) in words.enumerated() {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !word.hasPrefix("-") else { return (command, words[index...]) }
            guard let next = known.first(where: { $0._commandName == word }) else {
                let path = words[..<index].map { "\($0) " }.joined()
                throw KitError.usage(
                    "no subcommand '\(path)\(word)'\(NearestName.hint(word, in: names(of: command))) "
                        + "(it has: \(names(of: command).joined(separator: ", ")))")
            }
            command = next
        }
        return (command, [])
    }

    /// The names of a command's subcommands.
    static func names(of command: any ParsableCommand.Type) -> [String] {
        command.configuration.subcommands.map { $0._commandName }
    }
}
