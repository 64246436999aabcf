import ArgumentParser
import Kit
import LuaBridge

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a recipe.",
        discussion: """
            With several processes: 'mpirun -n 4 dubkit run RECIPE', or 'srun --mpi=pmix -n 4 dubkit run RECIPE'. The \
            recipe and its batch stay the same, and rank 0 writes the run folder. The result depends on the number of \
            shards, not on that of processes: with --shards 4, one, two and four processes give the same bits. If a process \
            gets a signal, or does not answer for --peer-timeout seconds, all end with exit code 75. See \
            docs/guide/processes.md.

            Exit codes: 0 done; 64 wrong usage; 65 bad data; 66 missing input; 70 a fault of the kit; 71 out of memory; 74 I/O or disk full; \
            75 interrupted and checkpointed, run again with --resume auto; 78 configuration; 80 loss or gradient not finite; \
            129, 130, 138 or 143 stopped by a signal.
            """)

    @Argument(help: "The recipe, a Lua file.", completion: .file(extensions: ["lua"]))
    var recipe: String

    @Argument(help: "Keys of the recipe to set, as key=value; --print-config lists them.")
    var keys: [String] = []

    @Option(name: .long, help: "Set a key of the recipe, as key=value does; may be given several times.")
    var set: [String] = []

    @Option(
        help:
            "Start from the configuration of an earlier run: its values of all keys, except those that are given here. A run folder, or a folder of runs, of which the newest counts.",
        completion: .directory)
    var like: String?

    @Option(
        help:
            "'auto' resumes the newest run of this recipe; or give a run folder, or a folder of runs to resume the newest of them."
    )
    var resume: String?

    @Flag(
        help:
            "Build everything and try it with two clips, without training or writing files (except those that the recipe writes with Lua's io)."
    )
    var dryRun = false

    @Flag(help: "Print every key with its value, origin and provenance, without running.")
    var printConfig = false

    @Flag(help: "Show the time of ops and layers after the first step; write trace.json for a trace viewer.")
    var profile = false

    @Option(help: "The folder for run folders.", completion: .directory)
    var runs = "runs"

    @Option(
        help:
            "Number of shards of each batch, if the recipe does not set it. Any number of processes that divides it gives the same bits. Default: that of the resumed run, or one for each process."
    )
    var shards: Int?

    @OptionGroup var processes: ProcessOptions

    @OptionGroup var plugins: PluginOptions

    @OptionGroup var logging: LogOptions

    @Flag(name: .shortAndLong, help: "Show details; errors come with Lua's traceback.")
    var verbose = false

    func run() throws {
        try plugins.load()
        let before = try like.map { try EarlierRun($0).overrides } ?? []
        let configuration = ResolvedConfiguration(
            overrides: try before + (set + keys).map(ResolvedConfiguration.parseOverride),
            userFile: try UserFile.read(), isDryRun: dryRun, stopsWhenResolved: printConfig)
        let session = Session(configuration: configuration)
        session.processes = try processes.join()
        session.settings = RunSettings(
            recipe: recipe, command: CommandLine.arguments, runsFolder: runs, resume: resumed,
            progress: logging.progress,
            verbosity: logging.quiet ? -1 : verbose ? 1 : 0, profiles: profile, shards: shards)
        defer { if !logging.quiet, session.processes.rank == 0 { tellUnwritten(session) } }
        try session.run { try RecipeRun.run(recipe, showsTrace: verbose) }
        try configuration.requireDeclared()
        guard session.processes.rank == 0 else { return }
        if printConfig { try StandardStreams.show(configuration.report) }
    }

    /// After a dry run, lists the files that it did not write.
    private func tellUnwritten(_ session: Session) {
        let paths = session[UnwrittenFiles.self].paths
        guard !paths.isEmpty else { return }
        let rest = paths.count > 5 ? " and \(paths.count - 5) more" : ""
        StandardStreams.complain("dry run: not written: \(paths.prefix(5).joined(separator: ", "))\(rest)")
    }

    private var resumed: RunSettings.Resume {
        switch resume {
        case nil: .never
        case "auto": .newest
        case .some(let folder): .folder(folder)
        }
    }
}
