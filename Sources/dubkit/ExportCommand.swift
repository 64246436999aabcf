import ArgumentParser
import Kit
import Plugins

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a run's encoders as ONNX graphs or as a Hugging Face folder.",
        discussion: """
            OUT/encoder.onnx maps sound or frames to features, OUT/backbone.onnx log-mel or normalised frames; several \
            encoders get a folder each. The Python package in python/ runs them without the kit.
            """)

    @Argument(help: .option("path", of: Trained.self), completion: .directory)
    var folder: String

    @Option(name: .shortAndLong, help: .option("out", of: Export.self), completion: .directory)
    var out: String

    @Option("format", of: Export.self) var format: String?

    @Option(help: .words("views", of: Export.self))
    var views: WordList?

    @Option("step", of: Trained.self) var step: String?
    @Flag(help: "Use the best checkpoint by the value of an evaluation, if the run kept one.")
    var best = false

    @OptionGroup var plugins: PluginOptions

    @OptionGroup var logging: LogOptions

    func run() throws {
        var options: [(key: String, value: OptionValue)] = [("out", .string(out))]
        if let format = try OptionFlag("format", of: Export.self).value(format) { options.append(("format", format)) }
        if let views { options.append(("views", views.words.optionValue)) }
        let step: Int? = try OptionFlag("step", of: Trained.self).setting(step)
        guard !best || step == nil else { throw KitError.usage("give either --step or --best, not both") }
        try plugins.load()
        let log = logging.log
        let written = try Session().run {
            let trained =
                folder.hasSuffix(".safetensors")
                ? try TrainedRun(encoderFiles: [folder])
                : try TrainedRun.open(
                    folder, weights: best ? .best : step.map(TrainedRun.Weights.step) ?? .latest, notice: log.warning)
            options.append(("run", .object(trained)))
            return try PluginRegistry.make(Export.self, options: Options(named: options)).write(log)
        }
        let lines = written.files.map { "\($0.path)  \(byteText($0.bytes))" }
        try StandardStreams.show(lines.joined(separator: "\n"))
    }
}
