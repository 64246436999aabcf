import ArgumentParser
import Glibc
import Kit
import LuaBridge

struct ReplCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repl", abstract: "Type Lua: what you type is evaluated and its values shown. Ctrl-D ends it.",
        discussion: """
            Tab completes, ? NAME explains, :help lists all commands. See docs/guide/explore.md.

            The prompt runs in one process. To train a recipe with several: 'mpirun -n 4 dubkit run RECIPE'.
            """)

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        try plugins.load()
        let userFile = try UserFile.read()
        let session = Session(configuration: ResolvedConfiguration(userFile: userFile, isInteractive: true))
        try session.run { try prompt(session, userFile) }
    }

    private func prompt(_ session: Session, _ userFile: [(key: String, value: OptionValue)]) throws {
        let state = try LuaState()
        Interrupt.isInteractive = isatty(STDIN_FILENO) == 1
        if Interrupt.isInteractive {
            print("\(Version.text), \(LuaState.version). Tab completes; ? NAME, :help and apropos \"WORD\" explain.")
        }
        try Prompt(state) { recipe, keys in
            session.configuration = ResolvedConfiguration(
                overrides: keys, userFile: userFile, isInteractive: true)
            session.settings = RunSettings(recipe: recipe, command: CommandLine.arguments)
        }.run()
    }
}
