import KitCore
import KitModel
import KitTensor

/// All that a run is made of.
public struct TrainingPlan {
    /// The run's name: a folder below `runs`.
    public var name: String
    public var batches: any BatchSource
    /// What is trained; the names prefix those of the parameters.
    public var modules: [(name: String, module: Module)]
    public var optimizer: any Optimizer
    /// How the rate changes; nil leaves it as it is.
    public var schedule: (any Schedule)?
    /// Decides what is random inside a step, such as dropout's masks.
    public var seed: Int
    /// How many updates of the weights.
    public var steps: Int
    /// The length to which the gradient of all parameters together is cut.
    public var clipNorm: Double?
    /// The decay of the moving average of the weights.
    public var averageDecay: Double?
    /// How many shards a batch is cut into; nil for as many as there are processes, or as the run had before.
    public var shards: Int?
    /// Steps between checkpoints.
    public var checkpointEvery: Int
    /// How many of the newest checkpoints stay.
    public var keep: Int
    /// What is measured at the end.
    public var heldOut: (any Evaluation)?
    /// Steps between measurements on the way.
    public var evaluateEvery: Int?
    /// Whose options the plan was made from, for the facts of the run; nil if it was made in Swift.
    public var declaration: (any Plugin)?
    /// Computes the loss terms of a batch; the number is that of the step, from 1.
    public var step: (_ batch: any TrainingBatch, _ number: Int) throws -> OptionValue

    /// - Parameters:
    ///   - name: of the run: a folder below the runs' folder.
    ///   - batches: what is trained on, epoch after epoch.
    ///   - modules: what is trained; names prefix those of the parameters in checkpoints.
    ///   - optimizer: makes a step of the weights from their gradients.
    ///   - schedule: factor of the learning rate by step; nil keeps it at 1.
    ///   - seed: decides what is random inside a step, such as dropout's masks.
    ///   - steps: how many updates of the weights.
    ///   - clipNorm: the largest norm of all gradients together; longer ones are scaled down to it. Nil leaves them.
    ///   - averageDecay: of a moving average of the weights, kept in checkpoints; nil keeps none.
    ///   - checkpointEvery: nil for one at the end of each epoch.
    ///   - keep: how many of the newest checkpoints stay.
    ///   - heldOut: measured at the end; nil measures nothing.
    ///   - evaluateEvery: steps between measurements besides; nil for none.
    ///   - step: computes from a batch a scalar loss or several by name, whose sum is minimised; `number` counts from
    ///     1.
    public init(
        name: String, batches: any BatchSource, modules: [(name: String, module: Module)], optimizer: any Optimizer,
        schedule: (any Schedule)? = nil, seed: Int = 0, steps: Int, clipNorm: Double? = nil,
        averageDecay: Double? = nil,
        checkpointEvery: Int? = nil, keep: Int = 3, heldOut: (any Evaluation)? = nil, evaluateEvery: Int? = nil,
        step: @escaping (_ batch: any TrainingBatch, _ number: Int) throws -> OptionValue
    ) {
        self.name = name
        self.batches = batches
        self.modules = modules
        self.optimizer = optimizer
        self.schedule = schedule
        self.seed = seed
        self.steps = steps
        self.clipNorm = clipNorm
        self.averageDecay = averageDecay
        self.checkpointEvery = checkpointEvery ?? max(1, batches.batchesPerEpoch)
        self.keep = keep
        self.heldOut = heldOut
        self.evaluateEvery = evaluateEvery
        self.step = step
    }

    /// Trained tensors with the names of their modules before them.
    var parameters: [(name: String, tensor: Tensor)] {
        modules.flatMap { $0.module.namedParameters(prefix: "\($0.name).") }
    }

    /// The epoch that a step belongs to; both count from 1.
    func epoch(step: Int) -> Int { (max(1, step) - 1) / batches.batchesPerEpoch + 1 }

    /// The learning rate after some steps.
    func rate(step: Int) throws -> Double { optimizer.rate * (try schedule?.factor(step: step, of: steps) ?? 1) }

    /// Checks what a run relies on.
    func validate() throws {
        guard !modules.isEmpty else { throw KitError.usage("'modules' is empty: there is nothing to train") }
        guard batches.batchesPerEpoch > 0 else { throw KitError.usage("'data' has no batches") }
        guard steps > 0 else { throw KitError.usage("the run has no steps") }
        var names: Set<String> = []
        for (name, _) in parameters where !names.insert(name).inserted {
            throw KitError.usage("two parameters of 'modules' are named '\(name)': a checkpoint could hold but one")
        }
        var owners: [ObjectIdentifier: String] = [:]
        for (name, tensor) in parameters {
            if let other = owners.updateValue(name, forKey: ObjectIdentifier(tensor)) {
                throw KitError.usage(
                    "'\(other)' and '\(name)' are one and the same parameter: name each module once in 'modules'")
            }
        }
    }

    /// The plan in words, a line for each thing.
    var lines: [String] {
        let total = modules.reduce(0) { $0 + $1.module.parameterCount }
        let table = modules.map { name, module in
            ["module \(name)", "\(module.summary), \(grouped(module.parameterCount)) parameters"]
        }
        return TextTable.lines(table) + [
            "\(grouped(total)) parameters in all, trained by \(optimizer.settings)"
                + (schedule.map { " on \($0.settings)" } ?? ""),
            "\(steps) steps of \(batches.batchesPerEpoch) an epoch, a checkpoint every \(checkpointEvery)",
        ]
    }
}
