import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AdamW.self) }

/// w = w - rate (d w + m / (sqrt(v) + epsilon)), with the bias-corrected running mean m and mean square v of the gradient.
final class AdamW: Optimizer {
    static let name = "adamw"
    static let summary = "Adam with decoupled weight decay."
    static let reference =
        "Loshchilov and Hutter 2019, Decoupled weight decay regularization; as PyTorch's torch.optim.AdamW"

    @Param("Learning rate, before the schedule's factor.", in: 0...1000, from: .inferred, was: "rate")
    var learningRate: Double = 1e-3

    @Param("How much of the gradient's running mean a step keeps.", in: 0...0.9999, from: .inferred)
    var beta1: Double = 0.9

    @Param("How much of the gradient's running mean square a step keeps.", in: 0...0.999999, from: .inferred)
    var beta2: Double = 0.999

    @Param("Added to the denominator for stability.", in: 1e-12...1, from: .inferred)
    var epsilon: Double = 1e-8

    @Param("Decoupled decay: each step removes learning rate x this share of a weight.", in: 0...1, from: .inferred)
    var weightDecay: Double = 0.01

    @Param("Whether to decay biases, the scales and shifts of norms, class tokens and positions too.", from: .inferred)
    var decayAll: Bool = false

    init() {}

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        AdamStepper(
            parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: decayAll) }, betas: (beta1, beta2),
            epsilon: epsilon)
    }
}
