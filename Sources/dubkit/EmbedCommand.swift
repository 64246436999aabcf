import ArgumentParser
import Kit
import Plugins

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Compute the features of films or sounds with a run's or published encoders.",
        discussion: """
            Writes OUT/<view>.npy, [sources, features], and OUT/ids.json with the rows' names. Interrupted, the same command \
            continues where it stopped.
            """)

    @Argument(help: "A folder, a manifest (.jsonl, .csv) or one file.", completion: .file())
    var data: String

    @Option(
        name: .customLong("run"),
        help: "A run folder, a folder of runs, of which the newest is used, or a folder of 'dubkit export'.",
        completion: .directory)
    var runFolder: String?

    @Option(
        name: .customLong("encoder"),
        help: "A file of 'dubkit weights convert', instead of a run; may be given several times.",
        completion: .file(extensions: ["safetensors"]))
    var encoderFiles: [String] = []

    @Option(name: .shortAndLong, help: "The folder to write.", completion: .directory)
    var out: String

    @Option(help: .words("views", of: Embed.self))
    var views: WordList?

    @Option(help: .words("tracks", of: Embed.self))
    var languages: WordList?

    @Option("step", of: Trained.self) var step: String?
    @Flag(help: "Use the best checkpoint by the value of an evaluation, if the run kept one.")
    var best = false
    @Option("layer", of: Embed.self) var layer: String?
    @Option("frames", of: Embed.self) var frames: String?
    @Option("crops", of: Embed.self) var crops: String?
    @Option("rows", of: Embed.self) var rows: String?
    @Option("hop", of: Embed.self) var hop: String?
    @Option("window", of: Embed.self) var window: String?
    @Option("format", of: Embed.self) var format: String?
    @Option("unusable", of: Embed.self) var unusable: String?
    @Option("batch", of: Embed.self) var batch: String?
    @Option("workers", of: Embed.self) var workers: String?
    @Option("precision", of: Embed.self) var precision: String?

    @OptionGroup var processes: ProcessOptions

    @OptionGroup var plugins: PluginOptions

    @OptionGroup var logging: LogOptions

    func run() throws {
        var options: [(key: String, value: OptionValue)] = [("data", .string(data)), ("out", .string(out))]
        for (option, text) in [
            ("layer", layer), ("frames", frames), ("crops", crops), ("rows", rows), ("hop", hop), ("window", window),
            ("format", format),
            ("unusable", unusable), ("batch", batch), ("workers", workers), ("precision", precision),
        ] {
            if let value = try OptionFlag(option, of: Embed.self).value(text) { options.append((option, value)) }
        }
        for (option, list) in [("views", views), ("tracks", languages)] {
            if let list { options.append((option, list.words.optionValue)) }
        }
        guard (runFolder == nil) != encoderFiles.isEmpty else {
            throw KitError.usage("give either '--run' or '--encoder': the encoders are those of a run or of files")
        }
        if step != nil || best, runFolder == nil {
            throw KitError.usage("option '\(best ? "--best" : "--step")' is for the checkpoints of '--run'")
        }
        let step: Int? = try OptionFlag("step", of: Trained.self).setting(step)
        guard !best || step == nil else { throw KitError.usage("give either --step or --best, not both") }
        try plugins.load()
        let session = Session()
        session.processes = try processes.join()
        try session.run { try embed(options, step) }
    }

    private func embed(_ options: [(key: String, value: OptionValue)], _ step: Int?) throws {
        var options = options
        let log = logging.log
        let trained =
            try runFolder.map {
                try TrainedRun.open(
                    $0, weights: best ? .best : step.map(TrainedRun.Weights.step) ?? .latest, notice: log.warning)
            } ?? TrainedRun(encoderFiles: encoderFiles)
        options.append(("run", .object(trained)))
        _ = try OptionFlag.asFlags(of: Embed.self, flags: ["tracks": "languages"]) {
            try PluginRegistry.make(Embed.self, options: Options(named: options)).embed(log: log)
        }
    }
}
