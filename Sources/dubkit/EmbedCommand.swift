import ArgumentParser
import Foundation
import Kit
import Plugins

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Compute the features of films or sounds with a run's encoders.",
        discussion: """
            Writes OUT/<view>.npy, [sources, features], and OUT/ids.json with the rows' names. Interrupted, the same command \
            continues where it stopped.
            """)

    @Argument(help: "A folder, a manifest (.jsonl, .csv) or one file.", completion: .file())
    var data: String

    @Option(
        name: .customLong("run"), help: "The run folder, or a folder of runs, of which the newest is used.",
        completion: .directory)
    var runFolder: String

    @Option(name: .shortAndLong, help: "The folder to write.", completion: .directory)
    var out: String

    @Option(help: "Views to compute, separated by commas: audio, video or both. Default: all that the run has.")
    var views: WordList?

    @Option(help: "Languages to embed, separated by commas. Default: every language that all films have.")
    var languages: WordList?

    @Option(help: "Step of the checkpoint to load. Default: the newest checkpoint.")
    var step: Int?

    @Option(help: .option("crops", of: Embed.self))
    var crops = Embed().crops

    @Option(help: .option("rows", of: Embed.self))
    var rows = Embed().rows

    @Option(help: .option("hop", of: Embed.self))
    var hop = Embed().hop

    @Option(help: "Seconds of sound around each timestamp. Default: the length of a clip.")
    var window: Double?

    @Option(help: .option("format", of: Embed.self))
    var format = Embed().format

    @Option(help: .option("unusable", of: Embed.self))
    var unusable = Embed().unusable

    @Option(help: .option("batch", of: Embed.self))
    var batch = Embed().batch

    @Option(help: .option("workers", of: Embed.self))
    var workers = Embed().workers

    @Option(help: "How to show progress: auto (redrawn in place on a terminal), plain (lines) or none.")
    var progress = RunLog.Progress.auto

    @OptionGroup var plugins: PluginOptions

    @Flag(name: .shortAndLong, help: "Show warnings only.")
    var quiet = false

    func run() throws {
        try plugins.load()
        let log = RunLog(verbosity: quiet ? -1 : 0, progress: progress)
        let trained = try TrainedRun(
            runFolder, weights: step.map(TrainedRun.Weights.step) ?? .latest, notice: log.warning)
        var options: [(key: String, value: OptionValue)] = [
            ("data", .string(data)), ("run", .object(trained)), ("out", .string(out)), ("crops", crops.optionValue),
            ("rows", rows.optionValue), ("format", format.optionValue), ("batch", .int(batch)),
            ("workers", .int(workers)), ("unusable", unusable.optionValue), ("hop", .number(hop)),
        ]
        if let window { options.append(("window", .number(window))) }
        for (key, list) in [("views", views), ("tracks", languages)] {
            if let list { options.append((key, list.words.optionValue)) }
        }
        _ = try PluginRegistry.make(Embed.self, options: Options(named: options)).embed(log: log)
    }
}

extension ClipSettings.Crops: ExpressibleByArgument {}
extension FeatureExtraction.Row: ExpressibleByArgument {}
extension FilmCatalogue.Unusable: ExpressibleByArgument {}
extension FeatureFolder.Format: ExpressibleByArgument {}
