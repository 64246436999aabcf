import Foundation
import TestSupport
import Testing

/// The short form of `scripts/dev/trials/hostile.py`: every option of every command, with values that make no sense.
@Suite struct HostileWordTests {
    private struct Help: Decodable {
        struct Command: Decodable {
            let commandName: String
            let arguments: [Argument]?
            let subcommands: [Command]?
        }
        struct Argument: Decodable {
            struct Name: Decodable {
                let kind, name: String
            }
            let kind: String
            let isOptional: Bool
            let names: [Name]?
            /// Without the dashes; nil for what has its place alone.
            var name: String? { names?.first { $0.kind == "long" }?.name }
        }
        let command: Command
    }

    /// All commands that have no others below them, as the words that call them, with their arguments.
    private static func leaves(
        _ command: Help.Command, _ words: [String] = []
    ) -> [(words: [String], arguments: [Help.Argument])] {
        let below = command.subcommands ?? []
        guard below.isEmpty else { return below.flatMap { leaves($0, words + [$0.commandName]) } }
        return [(words, command.arguments ?? [])]
    }

    @Test func everyOptionTakesAnythingWithoutACrash() throws {
        let dump = try Command.run(["--experimental-dump-help"])
        let help = try JSONDecoder().decode(Help.self, from: Data(dump.output.utf8))
        var tried = 0
        try Fixtures.withTemporaryFolder { folder in
            try SoundFiles.write("\(folder.path)/sounds/a.wav", seconds: 0.2)
            for (words, arguments) in Self.leaves(help.command) where words.first != "help" {
                // Each has what it needs, so that it comes to look at the option.
                let needed = arguments.filter { !$0.isOptional }.map { $0.name.map { "--\($0)=sounds" } ?? "sounds" }
                for name in arguments.filter({ $0.kind == "option" }).compactMap(\.name) {
                    for value in ["-1", "nan", String(repeating: "x", count: 5000)] {
                        let outcome = try Command.run(
                            words + needed.filter { !$0.hasPrefix("--\(name)=") } + ["--\(name)=\(value)"], in: folder)
                        tried += 1
                        let place =
                            "\(words) --\(name)=\(value.prefix(9)): \(outcome.status) \(outcome.errors.prefix(300))"
                        #expect([0, 64, 65, 66, 74, 78].contains(outcome.status), "\(place)")
                        #expect(outcome.status == 0 || !outcome.errors.isEmpty, "\(place)")
                    }
                }
            }
        }
        #expect(tried > 60, "\(tried)")
    }
}
