import Foundation
import KitCore
import KitData
import KitModel
import KitTensor

/// The changing state of a run, which checkpoints contain: weights, optimizer, random streams, position.
final class TrainingState {
    /// The number of steps done.
    private(set) var step = 0
    /// The number of bytes of `metrics.jsonl` for these steps.
    private(set) var metricsBytes = 0
    /// The number of shards of a batch; nil until it is known.
    private(set) var shards: Int?
    private let plan: TrainingPlan
    private var update: TrainingStep
    private let average: MovingAverage?
    /// Why the run ended before its last step; nil if it did not.
    var reasonToStop: String?

    init(_ plan: TrainingPlan) throws {
        self.plan = plan
        Session.current[SessionBatches.self].begin()
        let parameters = plan.parameters.filter(\.tensor.requiresGrad)
        guard !parameters.isEmpty else {
            throw KitError.usage("no parameter of 'modules' is to be trained: all are frozen, or there are none")
        }
        update = TrainingStep(
            parameters: parameters, stepper: try plan.stepper(for: parameters), clipNorm: plan.clipNorm)
        if plan.recordsNorms {
            update.normModules = plan.modules.map(\.name).filter { module in
                parameters.contains { $0.name.hasPrefix("\(module).") }
            }
        }
        average = plan.averageDecay.map { MovingAverage(of: parameters.map(\.tensor), decay: $0) }
    }

    /// Cuts batches into shards from now on.
    func share(by layout: ShardLayout, _ processes: any ProcessGroup) {
        shards = layout.shards
        // With one shard, batches are not cut.
        update.team =
            layout.shards == 1 ? nil : ShardTeam(layout, processes, parameters: update.parameters.map(\.tensor))
    }

    /// Makes one step with the mean gradient of one or more batches.
    func advance(_ batches: [any TrainingBatch], rates: [Double], findsUnregisteredWeights: Bool) throws
        -> TrainingStep.Outcome
    {
        StepRandom.begin(seed: plan.seed, step: step + 1)
        let outcome = try StepScope.run {
            try update.run(
                step + 1, batches, rates: rates, findsUnregisteredWeights: findsUnregisteredWeights, loss: plan.step)
        }
        if let average { Profiler.span("moving average") { average.update() } }
        step += 1
        return outcome
    }

    /// Computes and checks the loss of a batch as the first step would, without updating the weights.
    func firstLoss(of batch: any TrainingBatch) throws -> (
        terms: [(name: String, value: Double)], unregisteredWeights: String?
    ) {
        StepRandom.begin(seed: plan.seed, step: 1)
        let (terms, total) = try TrainingStep.checked(LossTerms(plan.step(batch, 1)), 1, batch)
        return (terms, update.unregisteredWeights(in: total))
    }

    /// Runs `body` with the weights to measure: their moving average if one is kept.
    func withBestWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        try average?.inPlace(body) ?? body()
    }

    /// The first trained module without any gradient after a step, which the step function probably does not use; nil
    /// if there is none.
    var moduleWithoutGradient: String? {
        plan.modules.first { _, module in
            let trained = module.namedParameters().filter(\.tensor.requiresGrad)
            return !trained.isEmpty && trained.allSatisfy { $0.tensor.grad == nil }
        }?.name
    }

    /// The content of `state.json`.
    private struct Position: Codable {
        var format = 1
        let step: Int
        let optimizerSteps: Int
        let metricsBytes: Int
        /// The number of shards of a batch; nil in checkpoints of versions without shards.
        let shards: Int?
        /// The position of the batches, as their source encodes it.
        let data: String
        /// The positions of batches that the recipe reads itself, by their distances from those of the plan.
        var otherBatches: [Int: String]?
        /// Why the run ended before its last step.
        var reasonToStop: String?
    }

    /// The position after the last step.
    private func position(metricsBytes: Int) throws -> Position {
        let others = try Session.current[SessionBatches.self].readByScript(besides: plan.batches).map {
            ($0.distance, try $0.batches.savedPosition())
        }
        return Position(
            step: step, optimizerSteps: update.optimizer.stepCount, metricsBytes: metricsBytes, shards: shards,
            data: try plan.batches.savedPosition(),
            otherBatches: others.isEmpty ? nil : Dictionary(uniqueKeysWithValues: others), reasonToStop: reasonToStop)
    }

    /// Moves all batches to where they were.
    private func restoreBatches(_ position: Position) throws {
        try plan.batches.restore(position: position.data)
        for (distance, data) in (position.otherBatches ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let batches = Session.current[SessionBatches.self].batches(at: distance, from: plan.batches) else {
                throw KitError(
                    .configuration,
                    "the recipe no longer makes the batches that it read besides those of 'data', or in another order")
            }
            batches.isReadByScript = true
            try batches.restore(position: data)
        }
    }

    /// The trained tensors and their shapes, as text.
    var shapes: String { update.parameters.map { "\($0.name) \($0.tensor.shape)" }.joined(separator: ", ") }

    /// The approximate size of a checkpoint in bytes.
    var bytes: Int {
        let tensors = stored.map(\.tensor) + update.optimizer.state.map(\.tensor)
        return tensors.reduce(average?.bytes ?? 0) { $0 + $1.count * 4 }
    }

    func commit(to store: CheckpointStore, metricsBytes: Int) throws {
        let position = try position(metricsBytes: metricsBytes)
        try store.commit(step: step, bytes: bytes) { writer in
            try writer.write(Checkpoint.modelFile, try stored.map { try $0.stored() })
            let state = update.optimizer.state.map { SafetensorsWriter.Item($0.name, $0.tensor) }
            try writer.write(Checkpoint.optimizerFile, state)
            try average?.inPlace { try writer.write(Checkpoint.averageFile, try stored.map { try $0.stored() }) }
            try writer.write(Checkpoint.stateFile, try JSONText.indented(position))
        }
        self.metricsBytes = metricsBytes
    }

    /// Writes the weights that `withBestWeights` uses.
    func writeBestWeights(_ writer: CheckpointWriter) throws {
        try withBestWeights { try writer.write(Checkpoint.modelFile, try stored.map { try $0.stored() }) }
    }

    /// The content of `model.safetensors`.
    private var stored: [StateEntry] { plan.modules.flatMap { $0.module.stateEntries(prefix: "\($0.name).") } }

    /// Restores a checkpoint. Throws if it belongs to another model, optimizer or dataset.
    func restore(_ checkpoint: Checkpoint, _ files: any FileSystem) throws {
        do {
            let position = try Self.position(checkpoint, files)
            let numbers = [
                ("step", position.step), ("optimizerSteps", position.optimizerSteps),
                ("metricsBytes", position.metricsBytes),
            ]
            for (key, number) in numbers where !(0...1 << 53).contains(number) {
                throw KitError(.badData, "\(Checkpoint.stateFile): '\(key)' must be 0 to 2^53, but is \(number)")
            }
            guard position.step <= plan.steps else {
                throw KitError(
                    .configuration, "it has \(counted(position.step, "step")), but the run should have \(plan.steps)")
            }
            shards = position.shards ?? 1
            try restoreBatches(position)
            try loadWeights(checkpoint.path(Checkpoint.modelFile))
            try average?.inPlace { try loadWeights(checkpoint.path(Checkpoint.averageFile)) }
            try update.optimizer.load(checkpoint.path(Checkpoint.optimizerFile))
            update.optimizer.stepCount = position.optimizerSteps
            step = position.step
            metricsBytes = position.metricsBytes
            // A run with more steps than before goes on.
            reasonToStop = position.step < plan.steps ? position.reasonToStop : nil
        } catch let error as KitError {
            throw error.prefixed("cannot resume from \(checkpoint.folder)")
        }
    }

    /// Copies the state of rank 0 to all processes.
    func share(from peers: TrainingPeers) throws {
        guard !peers.processes.isSingle else { return }
        let position = try peers.told(position(metricsBytes: metricsBytes))
        if !peers.leads { try restoreBatches(position) }
        (step, metricsBytes, shards) = (position.step, position.metricsBytes, position.shards)
        reasonToStop = position.reasonToStop
        update.optimizer.stepCount = position.optimizerSteps
        for tensor in stored.map(\.tensor) + update.optimizer.state.map(\.tensor) + (average?.tensors ?? []) {
            try peers.processes.broadcast(
                UnsafeMutableRawBufferPointer(start: tensor.pointer, count: tensor.count * MemoryLayout<Float>.stride))
        }
    }

    private static func position(_ checkpoint: Checkpoint, _ files: any FileSystem) throws -> Position {
        let data = try files.read(checkpoint.path(Checkpoint.stateFile))
        do {
            return try JSONDecoder().decode(Position.self, from: data)
        } catch {
            throw KitError(.badData, "\(Checkpoint.stateFile) cannot be understood: \(error)")
        }
    }

    /// Loads the weights of all modules. Throws at the first that differs in the checkpoint, and changes nothing.
    private func loadWeights(_ path: String) throws {
        let known = plan.modules.map(\.name)
        let strange = try SafetensorsFile(path).names.first { name in !known.contains { name.hasPrefix("\($0).") } }
        if let strange {
            throw KitError(
                .configuration,
                "the checkpoint has '\(strange)', but the recipe trains only \(known.joined(separator: ", "))")
        }
        for (name, module) in plan.modules { try module.loadWeights(from: path, prefix: name) }
    }
}
