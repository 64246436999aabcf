import ArgumentParser
import Kit

enum Subcommands {
    /// Throws if a word stands in the place of a subcommand but is none: the parser would only call it unexpected.
    static func check(_ words: [String]) throws { _ = try find(words) }

    /// Throws if a word is empty, as a variable of the shell is that was never set: an empty path would be the folder where
    /// the command runs, or the root.
    static func checkValues(_ words: [String]) throws {
        for (index, word) in words.enumerated() {
            if word.hasPrefix("--"), word.hasSuffix("="), word.firstIndex(of: "=") == word.indices.last {
                throw KitError.usage("option '\(word.dropLast())' has no value")
            }
            guard word.isEmpty else { continue }
            let before = index > 0 ? words[index - 1] : ""
            throw KitError.usage(
                before.hasPrefix("-") ? "the word behind '\(before)' is empty" : "argument \(index + 1) is empty")
        }
    }

    /// The subcommand that words name, down from the command itself, and the words behind its name.
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

    /// What the subcommands of a command are called.
    static func names(of command: any ParsableCommand.Type) -> [String] {
        command.configuration.subcommands.map { $0._commandName }
    }
}
