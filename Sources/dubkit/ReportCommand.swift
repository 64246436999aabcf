import ArgumentParser
import Kit
import Plugins

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write the training and results of runs as a folder of HTML.",
        discussion: """
            Training curves, results by variant and task, maps of features, retrieval examples with images and sound, \
            clips with a player for every language, the configuration. OUT/index.html opens in any browser, without a server \
            or a network. Several runs are shown side by side. See docs/guide/report.md.
            """)

    @Argument(
        help: "Run folders. For a folder that contains several runs, the newest is used.", completion: .directory)
    var runs: [String]

    @Option(
        name: .shortAndLong, help: "The folder to write. Default: report, in the folder of the only run.",
        completion: .directory)
    var out: String?

    @Option(help: "Films to show and embed: a folder or a manifest. Default: those of the first run.")
    var data: String?

    @Option(
        help: "Labels to colour maps by: lines of JSON. Default: labels.jsonl next to the films.",
        completion: .file(extensions: ["jsonl"]))
    var labels: String?

    @Option(
        help: "A file of results (results.jsonl) in addition to those of the runs; may be given several times.",
        completion: .file(extensions: ["jsonl"]))
    var results: [String] = []

    @Option(help: "The variant that the others are compared with.")
    var reference: String?

    @Option(help: .words("tracks", of: Embed.self))
    var languages: WordList?

    @Option(help: "Maximum number of clips on a map.")
    var clips = RunReport([]).clips

    @Option(help: "Number of clips to show whole, and of hits and misses for each retrieval.")
    var examples = RunReport([]).examples

    @OptionGroup var plugins: PluginOptions

    @OptionGroup var logging: LogOptions

    func run() throws {
        try plugins.load()
        var report = RunReport(runs)
        (report.out, report.data, report.labels, report.results) = (out, data, labels, results)
        (report.reference, report.clips, report.examples) = (reference, clips, examples)
        report.languages = languages?.words
        let log = logging.log
        try log.info("report: \(try report.write(log: log))")
    }
}
