import ArgumentParser
import Foundation
import Kit
import LuaBridge

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Continue a run with its own recipe and configuration.",
        discussion: """
            The recipe runs again with the values that its keys had, and continues from the newest intact checkpoint; only \
            what differs is typed: 'dubkit resume runs/simclr_dub steps=2000'. If the recipe is no longer where it was, the \
            copy in the run folder is used.
            """)

    @Argument(
        help: ArgumentHelp("A run folder, or a folder of runs, of which the newest is continued.", valueName: "run"),
        completion: .directory)
    var folder: String

    @Argument(help: "Keys of the recipe that differ from before, as key=value.")
    var keys: [String] = []

    @OptionGroup var processes: ProcessOptions

    @OptionGroup var plugins: PluginOptions

    @OptionGroup var logging: LogOptions

    @Flag(name: .shortAndLong, help: "Show details; errors come with Lua's traceback.")
    var verbose = false

    func run() throws {
        try plugins.load()
        let earlier = try EarlierRun(folder)
        let recipe = earlier.recipe ?? earlier.copy
        let configuration = ResolvedConfiguration(
            overrides: try earlier.overrides + keys.map(ResolvedConfiguration.parseOverride),
            userFile: try UserFile.read())
        let session = Session(configuration: configuration)
        session.processes = try processes.join()
        // A run folder is runs/NAME/TIME.
        let runs = URL(fileURLWithPath: earlier.path).deletingLastPathComponent().deletingLastPathComponent()
        session.settings = RunSettings(
            recipe: recipe, command: CommandLine.arguments, runsFolder: runs.relativePath,
            resume: .folder(earlier.path), progress: logging.progress,
            verbosity: logging.quiet ? -1 : verbose ? 1 : 0)
        try session.run { try RecipeRun.run(recipe, modulesOf: earlier.recipeFolder, showsTrace: verbose) }
        try configuration.requireDeclared()
    }
}
