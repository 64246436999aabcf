import Kit

/// SGD with momentum for a set of tensors, with a factor for the gradient of each: used by SGD and LARS.
///
/// As in PyTorch, the learning rate multiplies the velocity, not the gradient.
final class MomentumStepper: OptimizerStepper {
    var stepCount = 0
    private let trained: [TrainedTensor]
    private let velocities: [Tensor]
    private let momentum: Double
    private let nesterov: Bool
    private let scale: (TrainedTensor, _ gradient: Tensor) -> Float

    /// - Parameter scale: the factor on gradient plus decay of one tensor in one step.
    init(
        _ trained: [TrainedTensor], momentum: Double, nesterov: Bool,
        scale: @escaping (TrainedTensor, _ gradient: Tensor) -> Float = { _, _ in 1 }
    ) {
        self.trained = trained
        self.momentum = momentum
        self.nesterov = nesterov
        self.scale = scale
        velocities = trained.map { Tensor(zerosOnceNeeded: $0.tensor.shape) }
    }

    func step(rate: Double) throws {
        let work = zip(trained, velocities).compactMap { trained, velocity in
            trained.update([velocity]).map { (update: $0, scale: scale(trained, $0.gradient)) }
        }
        OptimizerUpdate.momentum(
            work.map(\.update), scales: work.map(\.scale), rate: Float(rate), momentum: Float(momentum),
            nesterov: nesterov)
        stepCount += 1
    }

    var state: [(name: String, tensor: Tensor)] {
        zip(trained, velocities).map { ("momentum_buffer.\($0.name)", $1) }
    }
}
