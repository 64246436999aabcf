import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Export.self) }

/// `kit.export { ... }` and `dubkit export`.
public struct Export: Function {
    public static let name = "export"
    public static let summary =
        "Writes encoders for other programs: ONNX graphs from sound or frames to features, or a Hugging Face folder with a model card."
    public static let reference = "ONNX opset 17; the layout of model folders on Hugging Face."
    public static let returns: any OptionConvertible.Type = [String].self

    @Param("The run whose encoders and clip settings are used.", from: .ours) public var run: TrainedRun? = nil
    @Param("Encoders by name, instead of a run's.", from: .ours) public var encoders: NamedOption<Module> =
        NamedOption()
    @Param(
        "The folder to write: a new or empty one, or an earlier export, whose files are overwritten; those that the new one has not are removed."
    )
    public var out: String
    @Param(
        "onnx writes encoder.onnx, from sound or frames, and backbone.onnx, from log-mel or normalised frames; huggingface writes weights, configuration, model card and these graphs.",
        from: .ours)
    public var format: EncoderExport.Format = .onnx
    @Param("The encoders to export, by name; by default, all.", from: .ours) public var views: [String]? = nil
    @Param("With 'encoders': the length of a clip in seconds.", in: 0.04...3600, unit: "s", from: .paper)
    public var seconds: Double = 3
    @Param("With 'encoders': frames of a clip.", in: 1...1024, from: .paper) public var frames: Int = 16
    @Param("With 'encoders': height and width of frames.", in: 8...2048, from: .paper) public var size: Int = 224
    @Param("With 'encoders': the settings of spectrograms.", from: .paper) public var mel: MelChoice = .v1

    public init() {}

    public func validate() throws {
        guard (run == nil) != encoders.entries.isEmpty else {
            throw KitError.usage("give either 'run' or 'encoders'")
        }
        if views?.isEmpty == true { throw KitError.usage("option 'views' is empty: nil exports all encoders") }
        if out.isEmpty { throw KitError.usage("option 'out' must not be empty") }
    }

    public var changesFiles: Bool { true }

    public func construct() throws -> Any {
        if UnwrittenFiles.areWanted {
            UnwrittenFiles.note(out)
            return [String]().optionValue
        }
        let log = RunLog(verbosity: Session.current.settings.verbosity)
        return try write(log).files.map(\.path).optionValue
    }

    /// Writes the folder. The log gets what the reader should know.
    public func write(_ log: RunLog) throws -> EncoderExport.Written {
        func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
        if let run, resolved(run.path) == resolved(out) {
            throw KitError.usage("\(out): is the folder that the encoders come from: name another one")
        }
        let trained = try run ?? own()
        let export = try EncoderExport(trained, only: views)
        let written =
            switch format {
            case .onnx: try export.writeONNX(to: out)
            case .huggingface: try export.writeHuggingFace(to: out, run: trained.path)
            }
        for text in written.notices { try log.warning(text) }
        for path in written.removed { try log.info("\(path): of the earlier export, removed") }
        return written
    }

    /// The recipe's encoders as if one run had trained them.
    private func own() throws -> TrainedRun {
        var clips = ClipSettings()
        (clips.seconds, clips.frames, clips.size, clips.mel) = (seconds, frames, size, try LogMel(mel.settings))
        let made = try encoders.entries.map { try TrainedRun.Encoding(name: $0.name, module: $0.value) }
        return TrainedRun(
            path: out, clips: clips, encoders: made,
            fingerprint: made.map { "\($0.name): \($0.module.summary)" }.joined(separator: "; "))
    }
}
