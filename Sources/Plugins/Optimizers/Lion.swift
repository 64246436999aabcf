import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Lion.self) }

/// w = w - rate (sign(beta1 m + (1 - beta1) g) + d w); m = beta2 m + (1 - beta2) g.
final class Lion: Optimizer {
    static let name = "lion"
    static let summary = "Lion: every weight moves by the learning rate, in the direction of the sign of its momentum."
    static let reference =
        "Chen et al. 2023, Symbolic discovery of optimization algorithms, algorithm 2; as lion-pytorch"

    @Param("Learning rate, before the schedule's factor: 3 to 10 times below AdamW's.", in: 0...1000, from: .inferred)
    var learningRate: Double = 1e-4

    @Param("Share of the momentum in the direction of a step.", in: 0...0.9999, from: .inferred)
    var beta1: Double = 0.9

    @Param("How much of the momentum a step keeps.", in: 0...0.999999, from: .inferred)
    var beta2: Double = 0.99

    @Param("Decoupled decay: each step removes learning rate x this share of a weight.", in: 0...100, from: .inferred)
    var weightDecay: Double = 0

    @Param("Whether to decay biases and the scales and shifts of norms too.", from: .inferred)
    var decayAll: Bool = false

    init() {}

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        LionStepper(
            parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: decayAll) },
            betas: (Float(beta1), Float(beta2)))
    }
}

private final class LionStepper: OptimizerStepper {
    var stepCount = 0
    private let trained: [TrainedTensor]
    private let momenta: [Tensor]
    private let betas: (Float, Float)

    init(_ trained: [TrainedTensor], betas: (Float, Float)) {
        (self.trained, self.betas) = (trained, betas)
        momenta = trained.map { Tensor(zerosOnceNeeded: $0.tensor.shape) }
    }

    func step(rate: Double) throws {
        OptimizerUpdate.lion(
            zip(trained, momenta).compactMap { $0.update([$1]) }, rate: Float(rate), betas: betas)
        stepCount += 1
    }

    var state: [(name: String, tensor: Tensor)] { zip(trained, momenta).map { ("exp_avg.\($0.name)", $1) } }
}
