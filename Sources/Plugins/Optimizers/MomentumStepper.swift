import Kit

/// SGD with momentum on a set of tensors, each with a factor of its own on its gradient: SGD and LARS.
///
/// The learning rate multiplies the velocity, as in PyTorch, not the gradient before it enters the velocity.
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
