import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ShallowMLP.self) }

/// HEAR's probe: a small network. Its depth, learning rate and initialisation are chosen on the validation items, and
/// its number of epochs by early stopping.
final class ShallowMLP: Probe {
    static let name = "mlp"
    static let summary =
        "HEAR's shallow network: one or two hidden layers with batch norm, dropout and ReLU, trained with Adam until the "
        + "validation score no longer rises; the best of some points of a grid of depths, learning rates and initialisations."
    static let reference =
        "Turian et al. 2022 (HEAR, arXiv 2203.03022), appendix B, and the defaults of its heareval 2021.1.3, with the same "
        + "results; here each fold chooses separately, and items are shuffled in each epoch."

    /// The initialisation of the weights. The gain is 1 for the first layer and sqrt(2) after a ReLU.
    enum Start: String, ChoiceOption, Sendable { case xavierUniform = "xavier_uniform", xavierNormal = "xavier_normal" }

    @Param("Numbers of hidden layers to try.", from: .inferred) var layers: OneOrMore<Int> = OneOrMore([1, 2])
    @Param("Width of a hidden layer.", in: 1...65536, from: .inferred) var hidden: Int = 1024
    @Param("Share of hidden values set to 0 in training.", in: 0...0.99, from: .inferred) var dropout: Double = 0.1
    @Param("Learning rates to try.", from: .inferred, was: "rate")
    var learningRate: OneOrMore<Double> = OneOrMore([3.2e-3, 1e-3, 3.2e-4, 1e-4])
    @Param("Initialisations of the weights to try.", from: .inferred)
    var start: OneOrMore<Start> = OneOrMore([.xavierUniform, .xavierNormal])
    @Param("Number of random points of the grid to try.", in: 1...1_000_000, from: .inferred)
    var points: Int = 8
    @Param("Items in a batch.", in: 2...1_048_576, from: .inferred) var batch: Int = 1024
    @Param("Maximum number of passes over the training items.", in: 1...1_000_000, from: .inferred) var epochs: Int =
        500
    @Param("Number of measurements without improvement after which training stops.", in: 1...1_000_000, from: .inferred)
    var patience: Int = 20
    @Param("Epochs between measurements.", in: 1...1000, from: .inferred) var measureEvery: Int = 3

    let choosesByValidation = true

    init() {}

    func validate() throws {
        if let bad = layers.values.first(where: { !(0...16 ~= $0) }) {
            throw KitError.usage("option 'layers' must be 0 to 16, but is \(bad)")
        }
        if let bad = learningRate.values.first(where: { !($0 > 0) }) {
            throw KitError.usage("option 'learning_rate' must be above 0, but is \(bad)")
        }
    }

    func fit(_ task: ProbeTask) throws -> FittedProbe {
        guard let valid = task.valid else { throw KitError(.internalFault, "there are no validation items") }
        let seed = RandomStream(seed: task.seed)
        let grid = layers.values.flatMap { layers in
            learningRate.values.flatMap { rate in start.values.map { GridPoint(layers: layers, rate: rate, start: $0) }
            }
        }
        var order = seed.derived("grid")
        var best: (network: Module, score: Double, point: GridPoint)?
        for index in order.permutation(grid.count).prefix(points) {
            let (network, score) = try train(task, valid, grid[index], seed.derived("mlp", index))
            if best == nil || score > best!.score { best = (network, score, grid[index]) }
        }
        let (network, _, point) = best!
        let choices = [
            ("layers", Double(point.layers)), ("rate", point.rate),
            ("xavier_normal", point.start == .xavierNormal ? 1.0 : 0),
        ]
        return FittedProbe(choices: choices) { features in try Autograd.noGrad { try network(features) } }
    }

    private struct GridPoint {
        let layers: Int
        let rate: Double
        let start: Start
    }

    /// Trains one point of the grid. Returns the network at its best measurement, in evaluation mode, and its score.
    private func train(
        _ task: ProbeTask, _ valid: ProbeTask.Items, _ point: GridPoint, _ stream: RandomStream
    ) throws -> (Module, Double) {
        let (features, labels) = (task.train.features, task.train.labels)
        var weights = stream.derived("weights")
        let network = network(features.shape[1], labels.classes.count, point, &weights)
        let adam = AdamW()
        adam.weightDecay = 0
        let stepper = try adam.stepper(for: network.namedParameters())
        var order = stream.derived("order")
        let masks = Int(truncatingIfNeeded: stream.derived("masks").key)
        var (best, kept, waited, step) = (-Double.infinity, network.stateEntries().map { $0.tensor.copied() }, 0, 0)
        for epoch in 1...epochs {
            let items = order.permutation(labels.count)
            for start in stride(from: 0, to: items.count, by: batch) {
                let chosen = Array(items[start..<min(start + batch, items.count)])
                // Batch norm has no statistics of a single item.
                guard chosen.count > 1 else { continue }
                step += 1
                StepRandom.begin(seed: masks, step: step)
                network.clearGradients()
                let loss = try Self.loss(network(features.gatherRows(chosen)), labels.rows(at: chosen))
                try loss.backward()
                try stepper.step(rate: point.rate)
            }
            guard epoch % measureEvery == 0 || epoch == epochs else { continue }
            network.train(false)
            let scores = try Autograd.noGrad { try network(valid.features) }
            network.train(true)
            let score = try task.fitness(scores, 0)
            waited += 1
            if score > best {
                (best, waited) = (score, 0)
                kept = network.stateEntries().map { $0.tensor.copied() }
            }
            if waited >= patience { break }
        }
        for (entry, values) in zip(network.stateEntries(), kept) {
            entry.tensor.pointer.update(from: values.pointer, count: values.count)
        }
        network.train(false)
        return (network, best)
    }

    private func network(
        _ inputs: Int, _ outputs: Int, _ point: GridPoint, _ random: inout RandomStream
    ) -> Module {
        var (chain, width, gain): ([Module], Int, Double) = ([], inputs, 1)
        func linear(to outputs: Int) -> Linear {
            let isUniform = point.start == .xavierUniform
            return Linear(
                width, outputs, initialiser: isUniform ? .xavierUniform(gain: gain) : .xavierNormal(gain: gain), &random
            )
        }
        for _ in 0..<point.layers {
            chain += [linear(to: hidden), BatchNorm(hidden), Dropout(dropout), Activate.relu]
            (width, gain) = (hidden, 2.0.squareRoot())
        }
        return Chain(chain + [linear(to: outputs)])
    }

    /// Cross-entropy of the softmax, or of a sigmoid for each label, averaged.
    static func loss(_ scores: Tensor, _ labels: Labels) throws -> Tensor {
        guard labels.isMultiLabel else {
            return try -scores.logSoftmax().picked(columns: labels.rows.map { $0[0] }).mean()
        }
        let truth = Tensor.zeros(scores.shape)
        for (row, classes) in labels.rows.enumerated() {
            for label in classes { truth.pointer[row * scores.shape[1] + label] = 1 }
        }
        // ln(1 + e^z) - z for true labels. The logarithm is that of e^0 + e^z, which does not overflow.
        let pairs = try Tensor.stack([scores, Tensor.zeros(scores.shape)], axis: -1)
        return try (pairs.logSumExp() - scores * truth).mean()
    }
}
