import ArgumentParser
import Kit

enum Subcommands {
    /// Throws if a word stands in the place of a subcommand but is none: the parser would only call it unexpected.
    static func check(_ words: [String]) throws {
        var known = Dubkit.configuration.subcommands
        var path = ""
        for word in words {
            guard !known.isEmpty, !word.hasPrefix("-") else { return }
            let names = known.map { $0._commandName }
            guard let index = names.firstIndex(of: word) else {
                throw KitError.usage(
                    "no subcommand '\(path)\(word)'\(NearestName.hint(word, in: names)) "
                        + "(it has: \(names.joined(separator: ", ")))")
            }
            known = known[index].configuration.subcommands
            path += "\(word) "
        }
    }
}
