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

    @Argument(help: "A Lua file to run first, whose names stay.", completion: .file(extensions: ["lua"]))
    var file: String?

    @Option(
        name: .customShort("e"),
        help:
            "Evaluate this, or run a command of the prompt such as '? nt_xent', show its values and end, with the exit code of an error."
    )
    var code: String?

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        try plugins.load()
        let userFile = try UserFile.read()
        let session = Session(configuration: ResolvedConfiguration(userFile: userFile, isInteractive: true))
        try session.run { try prompt(session, userFile) }
    }

    private func prompt(_ session: Session, _ userFile: [(key: String, value: OptionValue)]) throws {
        let state = try LuaState()
        func prepare(_ recipe: String, _ keys: [(key: String, text: String)]) {
            session.configuration = ResolvedConfiguration(overrides: keys, userFile: userFile, isInteractive: true)
            session.settings = RunSettings(recipe: recipe, command: CommandLine.arguments)
            session[RunNames.self].reset()
        }
        if let code {
            if let file { try state.run(file: file) }
            var shown: [String] = []
            let prompt = PromptSession(state, hasColor: false, prepare: prepare) { shown.append($0) }
            guard prompt.isComplete(code) else { throw KitError.usage("-e: the code is unfinished") }
            try prompt.perform(code)
            if !shown.isEmpty { try StandardStreams.show(shown.joined(separator: "\n")) }
            return
        }
        Interrupt.isInteractive = isatty(STDIN_FILENO) == 1
        if Interrupt.isInteractive {
            print("\(Version.text), \(LuaState.version). Tab completes; ? NAME, :help and apropos \"WORD\" explain.")
        }
        let prompt = Prompt(state, prepare: prepare)
        if let file { try prompt.start(with: file) }
        try prompt.run()
    }
}
