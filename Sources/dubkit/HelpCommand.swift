import ArgumentParser
import Foundation
import Kit

struct HelpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help",
        abstract: "Show a plugin with all its options, the plugins of a kind, a subcommand, or the Swift API.",
        discussion: """
            Every default is shown with its provenance: paper-stated, authors' code, inferred or ours. 'help swift' lists \
            the types for plugins in Swift, and 'help swift Linear' or 'help swift Tensor.matmul' shows declarations.
            """)

    @Argument(
        help:
            "Such as 'loss', 'loss.nt_xent', 'kit.loss.nt_xent', 'nt_xent', 'run', 'data check' or 'swift Linear'. Default: everything."
    )
    var name: [String] = []

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        try plugins.load()
        guard let first = name.first else {
            let kinds = try PluginRegistry.shared.kinds.map { kind in
                "\n\(kind == "kit" ? "kit" : "kit.\(kind)")\n\(try PluginHelp.text(forKind: kind))"
            }
            return try StandardStreams.show(([Dubkit.helpMessage()] + kinds).joined(separator: "\n"))
        }
        let subcommands = Subcommands.names(of: Dubkit.self)
        if subcommands.contains(first) {
            let (command, rest) = try Subcommands.find(name)
            guard let unexpected = rest.first else {
                return try StandardStreams.show(Dubkit.helpMessage(for: command))
            }
            throw KitError.usage(
                "help: '\(name.dropLast(rest.count).joined(separator: " "))' has no subcommands, but was given '\(unexpected)'"
            )
        }
        let text =
            first == "swift"
            ? try SwiftReference().text(named: name.dropFirst().joined(separator: "."))
            : try PluginHelp.text(named: name.joined(separator: "."), beside: subcommands)
        let terminal = Terminal.standardOutput
        try StandardStreams.show(terminal.isInteractive ? FoldedText.fold(text, width: terminal.width()) : text)
    }
}
