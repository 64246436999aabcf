import ArgumentParser
import Kit

struct HelpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help",
        abstract: "Show a plugin with all its options, the plugins of a kind, or a subcommand.",
        discussion: "Every default is shown with its provenance: paper-stated, authors' code, inferred or ours.")

    @Argument(help: "Such as 'loss', 'loss.nt_xent', 'kit.loss.nt_xent', 'nt_xent' or 'run'. Without it: everything.")
    var name: String?

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        try plugins.load()
        guard let name else {
            print(Dubkit.helpMessage())
            for kind in PluginRegistry.shared.kinds {
                print("\n\(kind == "kit" ? "kit" : "kit.\(kind)")\n\(try PluginHelp.text(forKind: kind))")
            }
            return
        }
        if let subcommand = Dubkit.configuration.subcommands.first(where: { $0._commandName == name }) {
            print(Dubkit.helpMessage(for: subcommand))
        } else {
            let (text, terminal) = (try PluginHelp.text(named: name), Terminal.standardOutput)
            print(terminal.isInteractive ? FoldedText.fold(text, width: terminal.width()) : text)
        }
    }
}
