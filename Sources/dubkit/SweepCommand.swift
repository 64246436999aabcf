import ArgumentParser
import Foundation
import Kit
import LuaBridge

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Run a recipe for each combination of values of its keys.",
        discussion: """
            'dubkit sweep RECIPE learning_rate=1e-3,3e-3 seed=1..3' makes six runs, one after the other, in \
            RUNS/RECIPE/learning_rate=1e-3,seed=1 and so on. A run that fails does not end the sweep: at the end the \
            failures are listed, with the exit code of the first. The same command continues an interrupted sweep, \
            repeats failed runs and leaves finished ones as they are. At the end it shows a table and writes sweep.csv and \
            a report next to the runs. A key with one value, or given by --set, is the same in all runs.
            """)

    @Argument(help: "The recipe, a Lua file.", completion: .file(extensions: ["lua"]))
    var recipe: String

    @Argument(help: "Keys with their values, as key=a,b,c, or key=1..3 for whole numbers.")
    var keys: [String]

    @Option(name: .long, help: "Set a key of the recipe in all runs, as key=value; its commas are part of the value.")
    var set: [String] = []

    @Option(help: "The folder for the runs.", completion: .directory)
    var runs = "sweeps"

    @Flag(help: "Check the keys and show the runs that would be made, without making them.")
    var dryRun = false

    @Flag(help: "Write no report at the end.")
    var noReport = false

    @OptionGroup var plugins: PluginOptions

    @OptionGroup var logging: LogOptions

    func run() throws {
        try plugins.load()
        let sweep = try SweepPlan(keys, fixed: try set.map(ResolvedConfiguration.parseOverride))
        let folder = "\(runs)/\(URL(fileURLWithPath: recipe).deletingPathExtension().lastPathComponent)"
        let userFile = try UserFile.read()
        for cell in sweep.examples { try checkKeys(cell, userFile) }
        if dryRun {
            for cell in sweep.cells { try StandardStreams.show("\(folder)/\(cell.name)") }
            return
        }
        let log = logging.log
        var failures: [(name: String, error: KitError)] = []
        for (index, cell) in sweep.cells.enumerated() {
            try log.info("run \(index + 1) of \(sweep.cells.count): \(cell.name)")
            try Interrupt.check()
            let session = Session(
                configuration: ResolvedConfiguration(overrides: cell.overrides, userFile: userFile))
            session.settings = RunSettings(
                recipe: recipe, command: CommandLine.arguments, runsFolder: "\(folder)/\(cell.name)",
                resume: .newest, progress: logging.progress, verbosity: logging.quiet ? -1 : 0)
            do { try session.run { try RecipeRun.run(recipe, showsTrace: false) } } catch {
                let error = error.asKitError
                guard error.kind != .interrupted else { throw error }
                failures.append((cell.name, error))
                StandardStreams.complain("dubkit: \(cell.name): \(error.message)")
            }
        }
        try showResults(sweep, folder)
        if let first = failures.first {
            let list = failures.map { "\n  \($0.name): \($0.error.message)" }.joined()
            throw KitError(
                first.error.kind,
                "\(counted(failures.count, of: sweep.cells.count, "run")) failed; the same command repeats "
                    + "\(agreeing(failures.count, "it", "them")):\(list)"
            )
        }
    }

    /// Throws if the recipe does not take a key or a value of a cell. The recipe runs up to its keys.
    private func checkKeys(_ cell: SweepPlan.Cell, _ userFile: [(key: String, value: OptionValue)]) throws {
        let configuration = ResolvedConfiguration(
            overrides: cell.overrides, userFile: userFile, isDryRun: true, stopsWhenResolved: true)
        let session = Session(configuration: configuration)
        session.settings = RunSettings(recipe: recipe, progress: .none, verbosity: -1)
        try session.run { try RecipeRun.run(recipe, showsTrace: false) }
        try configuration.requireDeclared()
    }

    private func showResults(_ sweep: SweepPlan, _ folder: String) throws {
        let log = logging.log
        let table = try SweepTable(sweep, in: folder)
        // No folder exists yet if all runs failed before they trained.
        try DiskFileSystem().makeFolder(folder)
        try table.write("\(folder)/sweep.csv")
        try StandardStreams.show(table.text)
        try log.info("table: \(folder)/sweep.csv")
        guard !noReport, !table.runs.isEmpty else { return }
        var report = RunReport(table.runs)
        report.out = "\(folder)/report"
        try log.info("report: \(try report.write(log: log))")
    }
}
