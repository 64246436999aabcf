import ArgumentParser
import Foundation
import Kit

struct HelpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help",
        abstract: "Show a plugin with all its options, the plugins of a kind, or a subcommand.",
        discussion: "Every default is shown with its provenance: paper-stated, authors' code, inferred or ours.")

    @Argument(
        help:
            "Such as 'loss', 'loss.nt_xent', 'kit.loss.nt_xent', 'nt_xent', 'run' or 'data check'. Without it: everything."
    )
    var name: [String] = []

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        try plugins.load()
        guard let first = name.first else {
            print(Dubkit.helpMessage())
            for kind in PluginRegistry.shared.kinds {
                print("\n\(kind == "kit" ? "kit" : "kit.\(kind)")\n\(try PluginHelp.text(forKind: kind))")
            }
            return
        }
        let subcommands = Subcommands.names(of: Dubkit.self)
        if subcommands.contains(first) {
            let (command, rest) = try Subcommands.find(name)
            guard let unexpected = rest.first else { return print(Dubkit.helpMessage(for: command)) }
            throw KitError.usage(
                "help: '\(name.dropLast(rest.count).joined(separator: " "))' has no subcommands, but was given '\(unexpected)'"
            )
        }
        let text = try PluginHelp.text(named: name.joined(separator: "."), beside: subcommands)
        let terminal = Terminal.standardOutput
        print(terminal.isInteractive ? FoldedText.fold(text, width: terminal.width()) : text)
    }
}
