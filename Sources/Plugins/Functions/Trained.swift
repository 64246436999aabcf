import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Trained.self) }

/// `kit.trained { path = "runs/simclr_dub" }`: the encoders of a run.
package struct Trained: Function {
    package static let name = "trained"
    package static let summary =
        "The encoders of a run, with the weights of a checkpoint, or their moving average if there is one; or those of files that dubkit weights convert wrote."
    package static let reference = "This kit."
    package static let returns: any OptionConvertible.Type = TrainedRun.self

    @Param(
        "A run folder, a folder of runs, of which the newest is used, or a folder of dubkit export --format huggingface; or one or several .safetensors files of dubkit weights convert."
    )
    var path: OneOrMore<String>
    @Param("The step of the checkpoint; by default, the newest checkpoint.", from: .ours)
    var step: Int? = nil
    @Param("Fresh weights instead of trained ones: the same encoders before training.", from: .ours)
    var random: Bool = false

    @Param(
        "The best checkpoint by the value of an evaluation, which kit.train keeps with its option 'best'.", from: .ours)
    var best: Bool = false

    package init() {}

    package func validate() throws {
        let given = [("step", step != nil), ("random", random), ("best", best)].filter(\.1).map(\.0)
        if isOfFiles, let option = given.first {
            throw KitError.usage("option '\(option)' is for a run, but 'path' is a file of weights")
        }
        guard isOfFiles || path.values.count == 1 else {
            throw KitError.usage("option 'path' must be one run, or .safetensors files")
        }
        guard given.count < 2 else {
            throw KitError.usage("give one of 'step', 'random' and 'best', not \(given.joined(separator: " and "))")
        }
    }

    /// Whether the encoders are those of files.
    private var isOfFiles: Bool { path.values.allSatisfy { $0.hasSuffix(".safetensors") } }

    package func construct() throws -> Any {
        if isOfFiles { return try TrainedRun(encoderFiles: path.values) }
        let log = RunLog(verbosity: Session.current.settings.verbosity)
        return try TrainedRun.open(
            path.values[0], weights: random ? .random : best ? .best : step.map(TrainedRun.Weights.step) ?? .latest,
            notice: log.warning)
    }
}

extension TrainedRun: ScriptObject {
    public static var scriptTypeName: String { "trained run" }
    public static var scriptSummary: String { "The encoders of a run." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "encoders", on: TrainedRun.self, "The encoders by name, as modules.", returns: NamedOption<Module>.self
            ) { run in NamedOption(run.encoders.map { ($0.name, $0.module) }) },
            ScriptMethod(
                "load", on: TrainedRun.self,
                "Loads the weights of another module of the run, such as its classifier, into one that is built alike. Returns the module.",
                ScriptArgument("name", String.self), ScriptArgument("module", Module.self), returns: Module.self
            ) { run, name, module in
                try run.load(module, named: name)
                return module
            },
        ]
    }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField("path", on: TrainedRun.self, String.self) { $0.path },
            ScriptField("clips", on: TrainedRun.self, Options.self) { $0.clips.filmOptions },
            ScriptField("fingerprint", on: TrainedRun.self, String.self) { $0.fingerprint },
        ]
    }
    public var scriptDescription: String {
        (["trained run \(fingerprint)"] + encoders.map { "encoder \($0.name)  \($0.module.summary)" }).joined(
            separator: "\n")
    }
}

extension ClipSettings {
    /// The options of kit.dataset.films that make the same tensors of clips, to train the encoders further.
    fileprivate var filmOptions: Options {
        var options: [(key: String, value: OptionValue)] = [
            ("seconds", .number(seconds)), ("video", .bool(frames != nil)), ("audio", .bool(mel != nil)),
            ("size", .int(size)), ("mean", mean.map(Double.init).optionValue),
            ("std", deviation.map(Double.init).optionValue), ("mel_mean", .number(Double(melMean))),
            ("mel_std", .number(Double(melDeviation))),
        ]
        if let frames { options.append(("frames", .int(frames))) }
        if let mel { options.append(("mel", MelChoice.option(of: mel.settings))) }
        return Options(named: options)
    }
}

@section("dubkit_script_types") @used private let run: PluginEntry = { registerScriptType(TrainedRun.self) }
