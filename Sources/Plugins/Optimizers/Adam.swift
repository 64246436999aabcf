import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Adam.self) }

/// w = w - rate m / (sqrt(v) + epsilon), with the bias-corrected running mean m and mean square v of gradient + d w.
final class Adam: Optimizer {
    static let name = "adam"
    static let summary = "Adam; a weight decay is added to the gradient. Prefer adamw if weights decay."
    static let reference =
        "Kingma and Ba 2015, Adam: a method for stochastic optimization, algorithm 1; as PyTorch's torch.optim.Adam"

    @Param("Learning rate, before the schedule's factor.", in: 0...1000, from: .inferred)
    var learningRate: Double = 1e-3

    @Param("How much of the gradient's running mean a step keeps.", in: 0...0.9999, from: .inferred)
    var beta1: Double = 0.9

    @Param("How much of the gradient's running mean square a step keeps.", in: 0...0.999999, from: .inferred)
    var beta2: Double = 0.999

    @Param("Added to the denominator for stability.", in: 1e-12...1, from: .inferred)
    var epsilon: Double = 1e-8

    @Param("Weight decay: this times the weight is added to its gradient.", in: 0...1, from: .inferred)
    var weightDecay: Double = 0

    @Param("Whether to decay biases and the scales and shifts of norms too.", from: .inferred)
    var decayAll: Bool = false

    init() {}

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        AdamStepper(
            parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: decayAll) }, betas: (beta1, beta2),
            epsilon: epsilon, isCoupled: true)
    }
}
