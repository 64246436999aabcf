import ArgumentParser
import Kit
import LuaBridge

struct LuaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lua", abstract: "Help for editing recipes.", subcommands: [TypesCommand.self])

    struct TypesCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "types",
            abstract: "Write annotations of everything that a recipe can use, for lua-language-server.",
            discussion: """
                Put the file into a folder of the editor's Lua.workspace.library, or next to the recipes: completion, hover texts \
                and type checks then know every plugin, option and method.
                """)

        @Option(name: .shortAndLong, help: "The file to write. Default: standard output.", completion: .file())
        var output: String?

        @OptionGroup var plugins: PluginOptions

        func run() throws {
            try plugins.load()
            let text = LuaTypes.text()
            guard let output else { return try StandardStreams.show(text, terminator: "") }
            try AtomicFile.write(text.utf8, to: output)
        }
    }
}
