import ArgumentParser
import Kit

enum Subcommands {
    /// Throws if a word stands in the place of a subcommand but is none: the parser would only call it unexpected.
    static func check(_ words: [String]) throws { _ = try find(words) }

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
