import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Trained.self) }

/// `kit.trained { path = "runs/simclr_dub" }`: the encoders of a run.
package struct Trained: Function {
    package static let name = "trained"
    package static let summary =
        "The encoders of a run, with the weights of a checkpoint, or their moving average if there is one."
    package static let reference = "This kit."
    package static let returns: any OptionConvertible.Type = TrainedRun.self

    @Param(
        "A run folder, a folder of runs, of which the newest is used, or a folder of dubkit export --format huggingface."
    ) var path: String
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
        guard given.count < 2 else {
            throw KitError.usage("give one of 'step', 'random' and 'best', not \(given.joined(separator: " and "))")
        }
    }

    package func construct() throws -> Any {
        let log = RunLog(verbosity: Session.current.settings.verbosity)
        return try TrainedRun.open(
            path, weights: random ? .random : best ? .best : step.map(TrainedRun.Weights.step) ?? .latest,
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
            ) { run in NamedOption(run.encoders.map { ($0.name, $0.module) }) }
        ]
    }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField("path", on: TrainedRun.self, String.self) { $0.path },
            ScriptField("fingerprint", on: TrainedRun.self, String.self) { $0.fingerprint },
        ]
    }
    public var scriptDescription: String {
        (["trained run \(fingerprint)"] + encoders.map { "encoder \($0.name)  \($0.module.summary)" }).joined(
            separator: "\n")
    }
}

@section("dubkit_script_types") @used private let run: PluginEntry = { registerScriptType(TrainedRun.self) }
