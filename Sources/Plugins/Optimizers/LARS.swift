import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LARS.self) }

/// SGD with momentum whose gradient (decay included) is scaled for each tensor by trust |w| / (|g| + decay |w| + epsilon).
///
/// Biases and norms are neither decayed nor adapted, as in SimCLR. The velocity follows PyTorch's convention (the rate
/// multiplies the velocity), as in lightly's LARS. Unlike there, a weight decay of 0 does not turn off the scaling.
final class LARS: Optimizer {
    static let name = "lars"
    static let summary = "Layer-wise adaptive rate scaling, for large batches."
    static let reference = "You et al. 2017, Large batch training of convolutional networks, equation 6"

    @Param(
        "Learning rate, before the schedule's factor; SimCLR's is 0.3 for each 256 clips of a batch.", in: 0...1000,
        from: .inferred, was: "rate")
    var learningRate: Double = 0.3

    @Param("How much of the velocity a step keeps.", in: 0...0.9999, from: .inferred)
    var momentum: Double = 0.9

    @Param("Whether to look ahead along the velocity (Nesterov).", from: .inferred)
    var nesterov: Bool = false

    @Param("Weight decay: this times the weight is added to its gradient.", in: 0...1, from: .inferred)
    var weightDecay: Double = 1e-6

    @Param("The step's size relative to the weights' norm.", in: 1e-6...1, from: .inferred)
    var trust: Double = 1e-3

    @Param("Added to the denominator for stability.", in: 0...1, from: .inferred)
    var epsilon: Double = 1e-8

    init() {}

    func validate() throws {
        guard !nesterov || momentum > 0 else { throw KitError.usage("option 'nesterov' needs a momentum above 0") }
    }

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        let trained = parameters.map { TrainedTensor($0, decay: weightDecay, decayAll: false) }
        let (trust, epsilon) = (trust, epsilon)
        return MomentumStepper(trained, momentum: momentum, nesterov: nesterov) { trained, gradient in
            guard !trained.isExempt else { return 1 }
            let (weights, gradients) = ([trained.tensor].globalNorm(), [gradient].globalNorm())
            guard weights > 0, gradients > 0 else { return 1 }
            return Float(trust * weights / (gradients + Double(trained.decay) * weights + epsilon))
        }
    }
}
