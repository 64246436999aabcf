import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SGD.self) }

/// v = m v + (g + d w); w = w - rate v, or with Nesterov's form w - rate (g + d w + m v).
final class SGD: Optimizer {
    static let name = "sgd"
    static let summary = "Stochastic gradient descent with momentum, optionally Nesterov's."
    static let reference = "Sutskever et al. 2013, in the form of PyTorch's torch.optim.SGD without dampening"

    @Param("Learning rate, before the schedule's factor.", in: 0...1000, from: .ours, was: "rate")
    var learningRate: Double = 0.1

    @Param("How much of the velocity a step keeps.", in: 0...0.9999, from: .inferred)
    var momentum: Double = 0.9

    @Param("Whether to look ahead along the velocity (Nesterov).", from: .inferred)
    var nesterov: Bool = false

    @Param("Weight decay: this times the weight is added to its gradient.", in: 0...1, from: .inferred)
    var weightDecay: Double = 1e-4

    @Param("Whether to decay biases, the scales and shifts of norms, class tokens and positions too.", from: .inferred)
    var decayAll: Bool = false

    init() {}

    func validate() throws {
        guard !nesterov || momentum > 0 else { throw KitError.usage("option 'nesterov' needs a momentum above 0") }
    }

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        let trained = parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: decayAll) }
        return MomentumStepper(trained, momentum: momentum, nesterov: nesterov)
    }
}
