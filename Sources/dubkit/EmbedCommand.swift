import ArgumentParser
import Foundation
import Kit

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Write the features that a run's encoders make of films or sounds.",
        discussion: """
            Writes OUT/<view>.npy, [sources, features], and OUT/ids.json with the rows' names. Interrupted, the same command \
            goes on where it stopped.
            """)

    @Argument(help: "A folder, a manifest (.jsonl, .csv) or one file.", completion: .file())
    var data: String

    @Option(
        name: .customLong("run"), help: "The run's folder, or a folder of runs, of which the newest is taken.",
        completion: .directory)
    var runFolder: String

    @Option(name: .shortAndLong, help: "The folder to write.", completion: .directory)
    var out: String

    @Option(help: "Views to make, separated by commas: audio, video or both. Without it: all that the run has.")
    var views: WordList?

    @Option(help: "Languages to hear, separated by commas. Without it: every language that all films have.")
    var languages: WordList?

    @Option(help: "Steps after which the weights were saved. Without it: the newest checkpoint.")
    var step: Int?

    @Option(help: "Squares of the picture whose features are averaged: centre or five.")
    var crops = ClipSettings.Crops.centre

    @Option(help: "What a row is: a source, with the mean of its clips, or a clip.")
    var rows = Embedding.Unit.source

    @Option(help: "npy (a file for each view) or npz (one for all).")
    var format = FeatureFolder.Format.npy

    @Option(help: "Films that lack a track that is asked for: error, or skip.")
    var unusable = FilmCatalogue.Unusable.error

    @Option(help: "Clips encoded at once.")
    var batch = 16

    @Option(help: "Threads that read clips ahead.")
    var workers = 2

    @Option(help: "How progress is shown: auto (drawn in place on a terminal), plain (lines) or none.")
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
            ("workers", .int(workers)), ("unusable", unusable.optionValue),
        ]
        for (key, list) in [("views", views), ("tracks", languages)] {
            if let list { options.append((key, list.words.optionValue)) }
        }
        let embed = try PluginRegistry.make(Embed.self, options: Options(named: options))
        _ = try (embed as? Embed)?.embed(log: log)
    }
}

extension ClipSettings.Crops: ExpressibleByArgument {}
extension Embedding.Unit: ExpressibleByArgument {}
extension FilmCatalogue.Unusable: ExpressibleByArgument {}
extension FeatureFolder.Format: ExpressibleByArgument {}
