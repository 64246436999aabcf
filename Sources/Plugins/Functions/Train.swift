import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Train.self) }

/// `kit.train { ... }`.
struct Train: Function {
    static let name = "train"
    static let summary =
        "Trains modules: for each batch calls step, minimises the sum of the loss terms it returns, and keeps a run folder."
    static let source = "Mini-batch gradient descent; the run folder and its promises are this kit's own."
    static let returns: any OptionConvertible.Type = Options.self

    @Param("The batches to train on, as films:batches(sampler) gives them.") var data: Ref<any BatchSource>
    @Param(
        "What is trained, by name: modules, and losses with state of their own; the names prefix those of the parameters in the checkpoints."
    )
    var modules: Named<TrainedModule>
    @Param("The rule that turns gradients into new weights.") var optimizer: Ref<any Optimizer>
    @Param("How the learning rate changes over the run; nil keeps it constant.", from: .ours)
    var schedule: Ref<any Schedule>? = nil
    @Param("Called as step(clip, number) for each batch; returns a loss tensor, or a table of named ones to be added.")
    var step: Ref<any ScriptFunction>
    @Param("Passes over the data. Give either this or steps.", from: .ours) var epochs: Int? = nil
    @Param("Updates of the weights. Give either this or epochs.", from: .ours) var steps: Int? = nil
    @Param("Cuts the gradient of all parameters together to this length; nil leaves it.", from: .ours)
    var clipNorm: Double? = nil
    @Param("Decay of a moving average of the weights, saved beside them; nil keeps none.", from: .ours)
    var ema: Double? = nil
    @Param(
        "Shards of each batch, in whose order sums are taken: any number of processes that divides it gives the same bits. Nil takes one for each process, and in a resumed run as many as before.",
        from: .ours)
    var shards: Int? = nil
    @Param("Steps between checkpoints; nil makes one at the end of each epoch.", from: .ours)
    var checkpointEvery: Int? = nil
    @Param("How many of the newest checkpoints stay.", in: 1...1_000_000, from: .ours) var keep: Int = 3
    @Param("The run's name, a folder below runs; nil takes the recipe's file name.", from: .ours) var name: String? =
        nil
    @Param("What is measured on held-out clips when training is done.", from: .ours)
    var heldOut: Ref<any Evaluation>? = nil
    @Param("Epochs between measurements on the way; nil measures at the end alone.", from: .ours)
    var evaluateEvery: Int? = nil

    func validate() throws {
        guard (epochs == nil) != (steps == nil) else {
            throw KitError.usage("give either 'epochs' or 'steps'\(epochs == nil ? "" : ", not both")")
        }
        for (option, value) in [
            ("epochs", epochs), ("steps", steps), ("checkpoint_every", checkpointEvery),
            ("evaluate_every", evaluateEvery), ("shards", shards),
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
    }

    func construct() throws -> Any {
        let batches = data.object
        let (total, isTooLarge) = (epochs ?? 1).multipliedReportingOverflow(by: batches.batchesPerEpoch)
        guard !isTooLarge else { throw KitError.usage("option 'epochs' is too large: \(epochs ?? 1)") }
        let (evaluateEvery, isTooRare) = (evaluateEvery ?? 1).multipliedReportingOverflow(by: batches.batchesPerEpoch)
        guard !isTooRare else {
            throw KitError.usage("option 'evaluate_every' is too large: \(self.evaluateEvery ?? 1)")
        }
        let function = step.object
        var plan = TrainingPlan(
            name: Session.current[RunNames.self].unique(name ?? RunNames.standard), batches: batches,
            modules: modules.entries.map { ($0.name, $0.value.module) }, optimizer: optimizer.object,
            schedule: schedule?.object, seed: Session.current.configuration.seed,
            steps: steps ?? total,
            clipNorm: clipNorm, averageDecay: ema,
            checkpointEvery: checkpointEvery, keep: keep, heldOut: heldOut?.object,
            evaluateEvery: self.evaluateEvery == nil ? nil : evaluateEvery
        ) { batch, number in try function.call([batch.scriptValue, .int(number)]) }
        plan.declaration = self
        plan.shards = shards
        let trainer = try Trainer(plan)
        if Session.current.configuration.isDryRun {
            let terms = try trainer.dryRun().map { (key: $0.name, value: OptionValue.number($0.value)) }
            return OptionValue.table(Options(named: [("terms", .table(Options(named: terms)))]))
        }
        return try trainer.run().scriptValue
    }
}
