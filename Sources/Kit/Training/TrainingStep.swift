import KitCore
import KitModel
import KitTensor

/// One update of the weights: loss, gradients, clipping, optimizer. Reports NaN and infinity in the step where they
/// appear.
package struct TrainingStep {
    let optimizer: any OptimizerStepper
    /// The shards of a batch; nil if batches are not cut.
    var team: ShardTeam?
    let parameters: [(name: String, tensor: Tensor)]
    private let clipNorm: Double?
    /// The modules whose norms are recorded, with the names of their parameters' beginnings.
    var normModules: [String] = []

    package struct Outcome {
        let loss: Double
        let terms: [(name: String, value: Double)]
        let gradientNorm: Double
        /// The result of `unregisteredWeights(in:)`, if it was asked for.
        let unregisteredWeights: String?
        /// The norms of the gradient and of the update of each module, if they were asked for.
        var norms: [ModuleNorms] = []
    }

    /// The lengths of a module's gradient, after clipping, and of the change of its weights.
    struct ModuleNorms {
        let module: String
        let gradient: Double
        let update: Double
    }

    /// - Parameter clipNorm: the largest norm of the gradient of all parameters together.
    package init(
        parameters: [(name: String, tensor: Tensor)], optimizer: any Optimizer, clipNorm: Double?
    ) throws {
        self.init(parameters: parameters, stepper: try optimizer.stepper(for: parameters), clipNorm: clipNorm)
    }

    init(parameters: [(name: String, tensor: Tensor)], stepper: any OptimizerStepper, clipNorm: Double?) {
        (self.parameters, optimizer, self.clipNorm) = (parameters, stepper, clipNorm)
    }

    /// - Parameters:
    ///   - number: the step's number, from 1, for messages.
    ///   - findsUnregisteredWeights: whether to look for weights that the loss depends on but that are not trained.
    ///   - loss: computes the terms from the batch.
    package func run(
        _ number: Int, _ batch: any TrainingBatch, rate: Double, findsUnregisteredWeights: Bool = false,
        loss: (any TrainingBatch, Int) throws -> OptionValue
    ) throws -> Outcome {
        try run(number, [batch], rates: [rate], findsUnregisteredWeights: findsUnregisteredWeights, loss: loss)
    }

    /// The same with the mean of the gradients of several batches, and a learning rate for each optimizer.
    func run(
        _ number: Int, _ batches: [any TrainingBatch], rates: [Double], findsUnregisteredWeights: Bool = false,
        loss: (any TrainingBatch, Int) throws -> OptionValue
    ) throws -> Outcome {
        for parameter in parameters { parameter.tensor.grad = nil }
        let (terms, total, unregistered) = try meanGradients(number, batches, findsUnregisteredWeights, loss)
        let batch = batches[0]
        let gradients = parameters.compactMap { parameter in parameter.tensor.grad.map { (parameter.name, $0) } }
        let norm = Profiler.span("gradient norm") { gradients.map(\.1).globalNorm() }
        guard norm.isFinite else {
            let found = NonFinite.first(in: gradients)
            let what = found.map { "\($0.count) values of the gradient of '\($0.name)'" } ?? "the gradient's norm"
            throw Self.nonFinite("\(what) are not finite", number, batch)
        }
        if let clipNorm, norm > clipNorm {
            for parameter in parameters {
                if let gradient = parameter.tensor.grad { parameter.tensor.grad = gradient * Float(clipNorm / norm) }
            }
        }
        // Incomplete gradients must not change weights.
        try Interrupt.check()
        let before = normModules.isEmpty ? [] : parameters.map { $0.tensor.copied() }
        if let grouped = optimizer as? GroupedStepper { grouped.rates = rates }
        try Profiler.span("optimizer") { try optimizer.step(rate: rates[0]) }
        return Outcome(
            loss: total, terms: terms, gradientNorm: norm, unregisteredWeights: unregistered,
            norms: try norms(since: before))
    }

    /// The norms of each module's gradient and update, given the weights before the update.
    private func norms(since before: [Tensor]) throws -> [ModuleNorms] {
        guard !before.isEmpty else { return [] }
        return try normModules.map { module in
            let own = parameters.indices.filter { parameters[$0].name.hasPrefix("\(module).") }
            let changes = try Autograd.noGrad { try own.map { try parameters[$0].tensor.detached() - before[$0] } }
            return ModuleNorms(
                module: module, gradient: own.compactMap { parameters[$0].tensor.grad }.globalNorm(),
                update: changes.globalNorm())
        }
    }

    /// The mean loss of the batches; leaves the mean of their gradients in the parameters.
    private func meanGradients(
        _ number: Int, _ batches: [any TrainingBatch], _ findsUnregisteredWeights: Bool,
        _ loss: (any TrainingBatch, Int) throws -> OptionValue
    ) throws -> Loss {
        guard batches.count > 1 else {
            return try gradients(number, batches[0], share: 1, findsUnregisteredWeights, loss)
        }
        let share = 1 / Float(batches.count)
        var (sums, total): ([(name: String, value: Double)], Double) = ([], 0)
        var unregistered: String?
        for (index, batch) in batches.enumerated() {
            // Shards replace the gradients by those of their batch.
            let before = team == nil ? [] : parameters.map(\.tensor.grad)
            let part = try gradients(number, batch, share: share, findsUnregisteredWeights && index == 0, loss)
            for (parameter, earlier) in zip(parameters, before) {
                guard let earlier else { continue }
                parameter.tensor.grad = try parameter.tensor.grad.map { try earlier + $0 } ?? earlier
            }
            guard index == 0 || sums.map(\.name) == part.terms.map(\.name) else {
                throw KitError.usage(
                    "step: the loss terms of a batch are \(part.terms.map(\.name)), but \(sums.map(\.name)) before: "
                        + "with 'accumulate' they must be the same")
            }
            if index == 0 { (sums, unregistered) = (part.terms.map { ($0.name, 0) }, part.unregistered) }
            for (place, term) in part.terms.enumerated() { sums[place].value += term.value * Double(share) }
            total += part.total * Double(share)
        }
        return (sums, total, unregistered)
    }

    private typealias Loss = (terms: [(name: String, value: Double)], total: Double, unregistered: String?)

    /// Computes the loss of a batch, and adds its gradients, times a share, to those in the parameters.
    private func gradients(
        _ number: Int, _ batch: any TrainingBatch, share: Float, _ findsUnregisteredWeights: Bool,
        _ loss: (any TrainingBatch, Int) throws -> OptionValue
    ) throws -> Loss {
        func gradients(_ batch: any TrainingBatch, weight: Float) throws -> Loss {
            let (terms, total) = try Self.checked(LossTerms(loss(batch, number)), number, batch)
            let unregistered = findsUnregisteredWeights ? unregisteredWeights(in: total) : nil
            try total.backward(from: Tensor(repeating: weight, total.shape))
            return (terms, Double(total.values[0]), unregistered)
        }
        guard let team else { return try gradients(batch, weight: share) }
        // The loss of a batch is the mean over its clips, so each shard is weighted by its clips.
        let parts = try team.run(batch: batch.wholeCount) { shard in
            (shard.weight, try gradients(batch.part(shard.rows), weight: shard.weight * share))
        }
        let sums = try team.sum(
            parts.map { weight, part in (part.terms.map(\.value) + [part.total]).map { $0 * Double(weight) } })
        let names = parts[0].1.terms.map(\.name)
        return (Array(zip(names, sums)).map { (name: $0, value: $1) }, sums.last!, parts[0].1.unregistered)
    }

    /// A warning about weights that the loss depends on but that no module of the run has; nil if there are none.
    func unregisteredWeights(in loss: Tensor) -> String? {
        let own = Set(parameters.map { ObjectIdentifier($0.tensor) })
        let unregisteredWeights = loss.trainedSources.filter { !own.contains(ObjectIdentifier($0)) }
        guard let largest = unregisteredWeights.max(by: { $0.count < $1.count }) else { return nil }
        let what =
            unregisteredWeights.count == 1
            ? "a weight \(largest.shape)"
            : "\(counted(unregisteredWeights.count, "weight")), the largest \(largest.shape),"
        return "step uses \(what) that no module of 'modules' has: they are neither trained nor saved"
    }

    /// The values of a step's loss terms and their sum, which has a gradient and is finite.
    static func checked(
        _ terms: LossTerms, _ number: Int, _ batch: any TrainingBatch
    ) throws -> (terms: [(name: String, value: Double)], total: Tensor) {
        let values = terms.values
        for (name, value) in values where !value.isFinite {
            throw nonFinite("the loss term '\(name)' is \(value.isNaN ? "NaN" : "\(value)")", number, batch)
        }
        let total = try terms.total()
        let value = total.values[0]
        guard value.isFinite else { throw nonFinite("the sum of the loss terms is \(value)", number, batch) }
        guard total.needsGrad else {
            throw KitError.usage("step: the loss does not depend on any parameter of 'modules'")
        }
        return (values, total)
    }

    private static func nonFinite(_ what: String, _ number: Int, _ batch: any TrainingBatch) -> KitError {
        KitError(.nonFinite, "step \(number): \(what); the batch's clips: \(batch.ids.joined(separator: ", "))")
    }
}
