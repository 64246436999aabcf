import KitCore
import KitModel
import KitTensor

/// Everything that defines a run.
public struct TrainingPlan {
    /// The run's name: a folder below `runs`.
    public var name: String
    public var batches: any BatchSource
    /// The modules to train. Their names prefix those of the parameters.
    public var modules: [(name: String, module: Module)]
    public var optimizer: any Optimizer
    /// The schedule of the learning rate; nil keeps it constant.
    public var schedule: (any Schedule)?
    /// The seed of randomness inside a step, such as dropout's masks.
    public var seed: Int
    /// The number of updates of the weights.
    public var steps: Int
    /// The largest norm of the gradient of all parameters together; longer gradients are scaled down to it.
    public var clipNorm: Double?
    /// The decay of the moving average of the weights.
    public var averageDecay: Double?
    /// The arithmetic of steps and evaluations.
    public var precision = ProductPrecision.float32
    /// The number of shards of a batch; nil for one for each process or, in a resumed run, as many as before.
    public var shards: Int?
    /// Steps between checkpoints.
    public var checkpointEvery: Int
    /// The number of newest checkpoints to keep.
    public var keep: Int
    /// The evaluation at the end; nil for none.
    public var evaluation: (any Evaluation)?
    /// Steps between evaluations during training.
    public var evaluateEvery: Int?
    /// The plugin with the options of the plan, for the facts of the run; nil if the plan was made in Swift.
    public var declaration: (any Plugin)?
    /// Computes the loss terms of a batch. The number is that of the step, from 1.
    public var step: (_ batch: any TrainingBatch, _ number: Int) throws -> OptionValue

    /// - Parameters:
    ///   - name: the name of the run: a folder below the folder of all runs.
    ///   - batches: the training data, epoch after epoch.
    ///   - modules: the modules to train. Their names prefix those of the parameters in checkpoints.
    ///   - optimizer: updates the weights from their gradients.
    ///   - schedule: the factor of the learning rate at each step; nil keeps it at 1.
    ///   - seed: the seed of randomness inside a step, such as dropout's masks.
    ///   - steps: the number of updates of the weights.
    ///   - clipNorm: the largest norm of all gradients together; longer ones are scaled down to it. Nil for no limit.
    ///   - averageDecay: the decay of a moving average of the weights, which checkpoints contain; nil for none.
    ///   - checkpointEvery: steps between checkpoints; nil for one at the end of each epoch.
    ///   - keep: the number of newest checkpoints to keep.
    ///   - evaluation: the evaluation at the end; nil for none.
    ///   - evaluateEvery: steps between evaluations during training; nil for none.
    ///   - step: computes a scalar loss of a batch, or several by name, whose sum is minimised. `number` counts from 1.
    public init(
        name: String, batches: any BatchSource, modules: [(name: String, module: Module)], optimizer: any Optimizer,
        schedule: (any Schedule)? = nil, seed: Int = 0, steps: Int, clipNorm: Double? = nil,
        averageDecay: Double? = nil,
        checkpointEvery: Int? = nil, keep: Int = 3, evaluation: (any Evaluation)? = nil, evaluateEvery: Int? = nil,
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
        self.evaluation = evaluation
        self.evaluateEvery = evaluateEvery
        self.step = step
    }

    /// The trained tensors, with names prefixed by those of their modules.
    var parameters: [(name: String, tensor: Tensor)] {
        modules.flatMap { $0.module.namedParameters(prefix: "\($0.name).") }
    }

    /// The epoch of a step. Both count from 1.
    func epoch(step: Int) -> Int { (max(1, step) - 1) / batches.batchesPerEpoch + 1 }

    /// The learning rate after a number of steps.
    func rate(step: Int) throws -> Double {
        optimizer.learningRate * (try schedule?.factor(step: step, of: steps) ?? 1)
    }

    /// Checks the conditions for a run.
    func validate() throws {
        guard !modules.isEmpty else { throw KitError.usage("'modules' is empty: there is nothing to train") }
        guard batches.batchesPerEpoch > 0 else { throw KitError.usage("'data' has no batches") }
        guard steps > 0 else { throw KitError.usage("the run has no steps") }
        var names: Set<String> = []
        for (name, _) in parameters where !names.insert(name).inserted {
            throw KitError.usage("two parameters of 'modules' are named '\(name)': a checkpoint could hold only one")
        }
        var owners: [ObjectIdentifier: String] = [:]
        for (name, tensor) in parameters {
            if let other = owners.updateValue(name, forKey: ObjectIdentifier(tensor)) {
                throw KitError.usage(
                    "'\(other)' and '\(name)' are the same parameter: name each module once in 'modules'")
            }
        }
    }

    /// The plan in words, one item per line.
    var lines: [String] {
        let total = modules.reduce(0) { $0 + $1.module.parameterCount }
        let table = modules.map { name, module in
            ["module \(name)", "\(module.summary), \(grouped(module.parameterCount)) parameters"]
        }
        return TextTable.lines(table) + [
            "\(grouped(total)) parameters in all, trained by \(optimizer.settings)"
                + (schedule.map { " on \($0.settings)" } ?? "")
                + (precision == .float32 ? "" : ", in \(precision)"),
            "\(steps) steps, \(batches.batchesPerEpoch) per epoch, a checkpoint every \(checkpointEvery)",
        ]
    }
}
