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
    /// Parameters with optimizers of their own.
    public var groups: [ParameterGroup] = []
    /// How the learning rate changes; nil keeps it constant.
    public var factor: RateFactor?
    /// The seed of randomness inside a step, such as dropout's masks.
    public var seed: Int
    /// The number of updates of the weights.
    public var steps: Int
    /// The number of batches whose gradients are averaged for each update.
    public var accumulate = 1
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
    /// A measurement of the recipe's own during training.
    public var ownEvaluation: OwnEvaluation?
    /// The rule for the best checkpoint; nil to keep only the newest ones.
    public var best: BestRule?
    /// Functions that are called during the run.
    public var hooks = TrainingHooks()
    /// Steps between histograms of the weights on the board; nil for none.
    public var recordWeightsEvery: Int?
    /// Whether the norms of gradients and updates are recorded for each module.
    public var recordsNorms = false
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
        factor = schedule.map { RateFactor($0) }
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

    /// The trained tensors, with names prefixed by those of their modules. One that several modules share has its first
    /// name.
    var parameters: [(name: String, tensor: Tensor)] {
        var seen: Set<ObjectIdentifier> = []
        return allParameters.filter { seen.insert(ObjectIdentifier($0.tensor)).inserted }
    }

    /// The same under all their names.
    private var allParameters: [(name: String, tensor: Tensor)] {
        modules.flatMap { $0.module.namedParameters(prefix: "\($0.name).") }
    }

    /// The epoch of a step. Both count from 1.
    func epoch(step: Int) -> Int { (max(1, step) * accumulate - 1) / batches.batchesPerEpoch + 1 }

    /// Whether a step is the last that begins in its epoch.
    func isEndOfEpoch(step: Int) -> Bool { step == steps || epoch(step: step + 1) > epoch(step: step) }

    /// Checks the conditions for a run.
    func validate() throws {
        guard !modules.isEmpty else { throw KitError.usage("'modules' is empty: there is nothing to train") }
        guard batches.batchesPerEpoch > 0 else { throw KitError.usage("'data' has no batches") }
        guard steps > 0 else { throw KitError.usage("the run has no steps") }
        var names: Set<String> = []
        for (name, _) in allParameters where !names.insert(name).inserted {
            throw KitError.usage("two parameters of 'modules' are named '\(name)': a checkpoint could hold only one")
        }
        // Modules may share parts, but none of them may be a part of another.
        for (index, (name, module)) in modules.enumerated() {
            for (other, (otherName, whole)) in modules.enumerated() where other != index {
                guard let part = whole.namedModules(otherName).first(where: { $0.module === module }) else { continue }
                throw KitError.usage(
                    "'\(part.name)' and '\(name)' are the same module: name each module once in 'modules'")
            }
        }
    }

    /// The plan in words, one item per line.
    var lines: [String] {
        let total = parameters.reduce(0) { $0 + $1.tensor.count }
        let trained = parameters.reduce(0) { $1.tensor.requiresGrad ? $0 + $1.tensor.count : $0 }
        let count =
            trained == total
            ? "\(counted(total, "parameter")) in all" : counted(trained, of: total, "parameter")
        let schedule = factor.map { " on \($0.text)" } ?? ""
        let arithmetic = precision == .float32 ? "" : ", in \(precision)"
        let epoch = "\(batches.batchesPerEpoch)\(accumulate > 1 ? " batches" : "") per epoch"
        return TextTable.lines(modules.map { ["module \($0.name)", Self.line(of: $0.module)] })
            + groups.indices.map(lineOfGroup)
            + [
                "\(count), trained by \(optimizer.settings)\(schedule)\(arithmetic)",
                "\(counted(steps, "step"))\(accumulate > 1 ? " of \(accumulate) batches" : ""), \(epoch), "
                    + "a checkpoint every \(checkpointEvery)",
            ]
    }

    private static func line(of module: Module) -> String {
        let frozen = module.parameterCount - module.trainedCount
        let share = frozen == module.parameterCount ? "all" : grouped(frozen)
        let norms = module.hasMovingFrozenNorms ? "; its frozen batch norms move their statistics in training" : ""
        return "\(module.summary), \(counted(module.parameterCount, "parameter"))"
            + (frozen == 0 ? "" : ", \(share) of them frozen\(norms)")
    }

    private func lineOfGroup(_ index: Int) -> String {
        let group = groups[index]
        let covered = parameters.filter { parameter in
            parameter.tensor.requiresGrad && groups.firstIndex { $0.pattern.covers(parameter.name) } == index
        }
        let count = covered.reduce(0) { $0 + $1.tensor.count }
        return "group \"\(group.pattern.text)\": \(counted(count, "parameter")), trained by \(group.optimizer.settings)"
            + (group.factor.map { " on \($0.text)" } ?? "")
    }
}
