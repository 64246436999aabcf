import Foundation
import Kit

/// A run that takes milliseconds and has all that a real one has: two modules, dropout, an optimizer with state, a
/// schedule, a moving average, clipping, named loss terms, checkpoints, and batches that depend on their place.
public struct TinyTraining {
    public var name = "tiny"
    public var steps = 12
    public var checkpointEvery = 3
    public var optimizer = "adamw"
    public var rate = 0.01
    /// Makes the batches of one run.
    public var batches: () -> any BatchSource = { TinyBatches() }
    public var width = 8
    public var heldOut: (any Evaluation)?
    public var shards: Int?
    public var precision = ProductPrecision.float32
    /// Called before each step with its number.
    public var beforeStep: (Int) -> Void = { _ in }

    public init() {}

    public func plan() throws -> TrainingPlan {
        var random = RandomStream(seed: 3)
        let modules = ["audio", "video"].map { name in
            let layers: [Module] = [
                Linear(6, width, &random), Activate.relu, Dropout(0.25), Linear(width, 4, &random),
            ]
            return (name: name, module: Chain(layers) as Module)
        }
        let (audio, video) = (modules[0].module, modules[1].module)
        let beforeStep = beforeStep
        var plan = TrainingPlan(
            name: name, batches: batches(), modules: modules,
            optimizer: try Self.make("optimizer", optimizer, [("learning_rate", .number(rate))]),
            schedule: try Self.make("schedule", "cosine", [("warmup", .number(0.2))]), seed: 7, steps: steps,
            clipNorm: 1, averageDecay: 0.9, checkpointEvery: checkpointEvery, keep: 2, evaluation: heldOut
        ) { batch, number in
            beforeStep(number)
            guard let batch = batch as? TinyBatch else { throw KitError(.internalFault, "not a tiny batch") }
            let (a, v) = (try audio(batch.audio), try video(batch.video))
            return .table(
                Options(named: [
                    ("video_to_audio", .object(try Self.contrast(v, a))),
                    ("audio_to_video", .object(try Self.contrast(a, v))),
                ]))
        }
        plan.shards = shards
        plan.precision = precision
        return plan
    }

    /// Trains in a folder of runs, silently.
    @discardableResult
    public func run(
        in runs: URL, resume: RunSettings.Resume = .never, files: any FileSystem = DiskFileSystem(),
        profiles: Bool = false, says: @escaping (String) -> Void = { _ in }
    ) throws -> TrainingResult {
        let terminal = Terminal(isInteractive: false, write: says)
        let settings = RunSettings(
            command: ["tiny"], runsFolder: runs.path, resume: resume, profiles: profiles)
        // A clock that stands still: how many lines are logged, and so the number of file operations, is always the same.
        let log = RunLog(terminal: terminal, verbosity: 1, now: { 0 })
        return try Trainer(try plan(), settings: settings, files: files, log: log).run()
    }

    /// The cross entropy of finding each row of `b` by its row of `a`.
    private static func contrast(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        let similarities = try a.l2Normalized().matmul(b.l2Normalized(), transposeB: true) * 5
        return try -similarities.logSoftmax().picked(columns: Array(0..<a.shape[0])).mean()
    }

    private static func make<Value>(_ kind: String, _ name: String, _ options: [(key: String, value: OptionValue)])
        throws
        -> Value
    {
        let plugin = try PluginRegistry.shared.make(kind: kind, name: name, options: Options(named: options))
        guard let value = plugin as? Value else { throw KitError(.internalFault, "\(name) is no \(Value.self)") }
        return value
    }
}
