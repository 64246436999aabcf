import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Train.self) }

/// `kit.train { ... }`.
struct Train: Function {
    static let name = "train"
    static let summary =
        "Trains modules: for each batch calls step, minimises the sum of the loss terms it returns, and keeps a run folder."
    static let reference = "Mini-batch gradient descent; the run folder and its promises are this kit's own."
    static let returns: any OptionConvertible.Type = Options.self

    @Param("The batches to train on, as films:batches(sampler) gives them.") var data: ObjectOption<any BatchSource>
    @Param(
        "The modules to train, by name, and losses with state. The names prefix those of the parameters in checkpoints."
    )
    var modules: NamedOption<TrainedModule>
    @Param("The rule that turns gradients into new weights.") var optimizer: ObjectOption<any Optimizer>
    @Param(
        "How the learning rate changes over the run: a schedule, or a function of the step, counted from 0, and the number of steps that returns the factor; nil keeps it constant.",
        from: .ours)
    var schedule: Either<ObjectOption<any Schedule>, ObjectOption<any ScriptFunction>>? = nil
    @Param(
        "Parameters with other settings: { \"video%.layer[12]\", learning_rate = 1e-4, weight_decay = 0 } for those whose names, or those of their modules, the pattern covers. Takes the options of the optimizer, and optimizer and schedule; the first group that covers a parameter has it.",
        from: .ours)
    var groups: [TrainGroup] = []
    @Param(
        "Called as step(batch, number) for each batch; returns a loss tensor, or a table of named ones whose sum is minimised."
    )
    var step: ObjectOption<any ScriptFunction>
    @Param("Passes over the data. Give either this or steps.", from: .ours) var epochs: Int? = nil
    @Param("Updates of the weights. Give either this or epochs.", from: .ours) var steps: Int? = nil
    @Param(
        "Number of batches whose gradients are averaged for each update: a step is one update.", in: 1...65536,
        from: .ours)
    var accumulate: Int = 1
    @Param("Largest norm of the gradient of all parameters together; nil for no limit.", from: .ours)
    var clipNorm: Double? = nil
    @Param(
        "Arithmetic of steps and evaluations: float32, or bfloat16, in which convolutions, linear layers and LSTMs multiply numbers of 8 significant bits and add in float32, and tensors between convolutions have 8 bits and half the memory. Weights, their updates, statistics and losses are float32 in both.",
        from: .ours)
    var precision: ProductPrecision = .float32
    @Param("Decay of a moving average of the weights, saved with them; nil for none.", from: .ours)
    var ema: Double? = nil
    @Param(
        "Number of shards of each batch, which fixes the order of sums: any number of processes that divides it gives the same bits. Nil means one for each process or, in a resumed run, as many as before.",
        from: .ours)
    var shards: Int? = nil
    @Param("Steps between checkpoints; nil makes one at the end of each epoch.", from: .ours)
    var checkpointEvery: Int? = nil
    @Param("Number of newest checkpoints to keep.", in: 1...1_000_000, from: .ours, was: "keep")
    var keepCheckpoints: Int = 3
    @Param("The run's name, a folder below runs; nil takes the recipe's file name.", from: .ours) var name: String? =
        nil
    @Param("Evaluation on held-out clips at the end of training.", from: .ours, was: "held_out")
    var evaluation: ObjectOption<any Evaluation>? = nil
    @Param("Epochs between evaluations during training; nil evaluates only at the end.", from: .ours)
    var evaluateEvery: Int? = nil
    @Param(
        "Your own evaluation: { every = 100, run = function(step, board) return { accuracy = 0.5 } end }, each so many steps and at the end, in evaluation mode and without gradients. Its numbers are logged, and curves of the report and TensorBoard; the board shows images, sounds and more there.",
        from: .ours)
    var evaluate: TrainEvaluation? = nil
    @Param(
        "Keeps the checkpoint with the best value of an evaluation in the run's folder best: { \"accuracy\", goal = \"max\", patience = 5 } (the largest value is the best unless goal is \"min\"); with patience, the run ends after so many evaluations without a better one.",
        from: .ours)
    var best: TrainBest? = nil
    @Param(
        "Called as on_step(info, board) after each step, with its step, epoch, loss, terms, learning_rate and gradient_norm; if it returns true, the run ends.",
        from: .ours)
    var onStep: ObjectOption<any ScriptFunction>? = nil
    @Param("The same after each epoch.", from: .ours) var onEpoch: ObjectOption<any ScriptFunction>? = nil
    @Param("The same once after the last step.", from: .ours) var onEnd: ObjectOption<any ScriptFunction>? = nil
    @Param(
        "Called as log(step, values) where the run is recorded, with what the curves show after each step and each evaluation: a table of numbers by name, such as loss/train.",
        from: .ours)
    var log: ObjectOption<any ScriptFunction>? = nil
    @Param(
        "Steps between histograms of the weights in TensorBoard, a few kilobytes for each parameter; nil for none.",
        from: .ours)
    var recordWeights: Int? = nil
    @Param("Whether to record the norms of the gradient and of the update of each module.", from: .ours)
    var recordNorms: Bool = false

    func validate() throws {
        guard (epochs == nil) != (steps == nil) else {
            throw KitError.usage("give either 'epochs' or 'steps'\(epochs == nil ? "" : ", not both")")
        }
        for (option, value) in [
            ("epochs", epochs), ("steps", steps), ("checkpoint_every", checkpointEvery),
            ("evaluate_every", evaluateEvery), ("shards", shards), ("record_weights", recordWeights),
        ] {
            if let value, value < 1 {
                throw KitError.usage("option '\(option)' must be 1 or more, but is \(value)")
            }
        }
        if let clipNorm, !(clipNorm > 0) {
            throw KitError.usage("option 'clip_norm' must be above 0, but is \(clipNorm)")
        }
        if let ema, !(ema >= 0 && ema < 1) {
            throw KitError.usage("option 'ema' must be from 0 up to but not including 1, but is \(ema)")
        }
        if let name, name.isEmpty || name.hasPrefix(".") || name.contains("/") || name.contains("\0") {
            throw KitError.usage("option 'name' must be a plain file name, but is \"\(name)\"")
        }
        if best != nil, evaluation == nil, evaluate == nil {
            throw KitError.usage("option 'best' needs an evaluation: give 'evaluate' or 'evaluation'")
        }
        if best?.rule.patience != nil, evaluate == nil, evaluateEvery == nil {
            throw KitError.usage(
                "'patience' of option 'best' needs evaluations during training: give 'evaluate' or 'evaluate_every'")
        }
    }

    func construct() throws -> Any {
        let batches = data.object
        let (count, isTooLarge) = (epochs ?? 1).multipliedReportingOverflow(by: batches.batchesPerEpoch)
        let total = max(count > 0 ? 1 : 0, count / accumulate)
        guard !isTooLarge else { throw KitError.usage("option 'epochs' is too large: \(epochs ?? 1)") }
        let (evaluateEvery, isTooRare) = (evaluateEvery ?? 1).multipliedReportingOverflow(
            by: max(1, batches.batchesPerEpoch / accumulate))
        guard !isTooRare else {
            throw KitError.usage("option 'evaluate_every' is too large: \(self.evaluateEvery ?? 1)")
        }
        let function = step.object
        var plan = TrainingPlan(
            name: Session.current[RunNames.self].unique(name ?? RunNames.default), batches: batches,
            modules: modules.entries.map { ($0.name, $0.value.module) }, optimizer: optimizer.object,
            seed: Session.current.configuration.seed,
            steps: steps ?? total,
            clipNorm: clipNorm, averageDecay: ema,
            checkpointEvery: checkpointEvery, keep: keepCheckpoints, evaluation: evaluation?.object,
            evaluateEvery: self.evaluateEvery == nil ? nil : evaluateEvery
        ) { batch, number in try function.call([batch.scriptValue, .int(number)]) }
        plan.declaration = self
        plan.shards = shards
        plan.precision = precision
        plan.factor = schedule.map(RateFactor.init)
        plan.groups = try groups.enumerated().map { try $1.group(of: optimizer.object, number: $0 + 1) }
        plan.accumulate = accumulate
        plan.ownEvaluation = evaluate?.evaluation
        plan.best = best?.rule
        plan.recordsNorms = recordNorms
        plan.hooks.onStep = hook(onStep, "on_step")
        plan.hooks.onEpoch = hook(onEpoch, "on_epoch")
        if let onEnd { plan.hooks.onEnd = { _ = try onEnd.object.call([$0.scriptValue, .object($1)]) } }
        if let log = log?.object {
            plan.hooks.onRecord = { step, values in
                let table = Options(named: values.map { ($0.name, .number($0.value)) })
                _ = try log.call([.int(step), .table(table)])
            }
        }
        plan.recordWeightsEvery = recordWeights
        let trainer = try Trainer(plan)
        if Session.current.configuration.isDryRun {
            let terms = try trainer.dryRun().map { (key: $0.name, value: OptionValue.number($0.value)) }
            return OptionValue.table(Options(named: [("terms", .table(Options(named: terms)))]))
        }
        return try trainer.run().scriptValue
    }

    /// A function of the recipe that is called with the facts of a step, and ends the run if it returns true.
    private func hook(
        _ function: ObjectOption<any ScriptFunction>?, _ name: String
    ) -> ((TrainingHooks.StepFacts, Board) throws -> Bool)? {
        guard let function = function?.object else { return nil }
        return { facts, board in
            switch try function.call([facts.scriptValue, .object(board)]) {
            case .null: return false
            case .bool(let stops): return stops
            case let other:
                throw KitError.usage(
                    "\(name): must return true to end the run, or nothing, but returned \(other.givenText)")
            }
        }
    }
}
