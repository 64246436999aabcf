import ArgumentParser
import Kit
import Plugins

struct WeightsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights", abstract: "Inspect and convert files of weights.",
        subcommands: [WeightsShowCommand.self, WeightsConvertCommand.self])
}

struct WeightsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "List the tensors of a file and the encoders that its weights belong to.",
        discussion: """
            Reads safetensors and files of torch.save. Nothing in a file is run: one that asks for anything but tensors, \
            dicts, lists and numbers is refused with the name of what it asks for.
            """)

    @Argument(help: "A file of weights.", completion: .file())
    var file: String

    @Flag(help: "Print only the encoders.")
    var brief = false

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        try plugins.load()
        let weights = try openTensorFile(file)
        let towers = try WeightTower.all(in: weights)
        var lines = towers.map { "\($0.prefix.isEmpty ? "(no prefix)" : $0.prefix)  \($0.encoder.settings)" }
        if towers.isEmpty { lines.append("no weights of a known encoder") }
        if !brief {
            lines.append(
                TextTable.text(
                    try weights.names.map { [$0, try weights.type($0).rawValue, "\(try weights.shape($0))"] }))
        }
        try StandardStreams.show(lines.joined(separator: "\n"))
    }
}

struct WeightsConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write each encoder of a file of weights to a safetensors file of its own.",
        discussion: """
            Writes OUT/<name>.safetensors for each encoder, named by the last part of its prefix, with PyTorch's names and \
            shapes. 'dubkit embed --encoder' takes these files.
            """)

    @Argument(help: "A file of torch.save, or safetensors.", completion: .file())
    var file: String

    @Option(name: .shortAndLong, help: "The folder to write.", completion: .directory)
    var out: String

    @Flag(
        help: """
            Interpolate tables of relative positions of another length, as weights for another size of input have them.
            """)
    var interpolatePositions = false

    @OptionGroup var plugins: PluginOptions

    func run() throws {
        try plugins.load()
        let written = try Session().run {
            try EncoderFile.convert(
                openTensorFile(file), to: out, positions: interpolatePositions ? PositionResizing(.linear) : nil)
        }
        try StandardStreams.show(
            written.map { "\($0.path)  \($0.tower.encoder.settings)" }.joined(separator: "\n"))
    }
}
