import KitCore
import KitTensor

/// Normalises each channel (the last axis) over all other axes, then scales and shifts it (Ioffe and Szegedy 2015).
/// PyTorch's `nn.BatchNorm1d`, `2d` and `3d`, with the activation and the sum of a residual block fused into the pass.
public final class BatchNorm: Module {
    public let weight: Tensor
    public let bias: Tensor
    public let runningMean: Tensor
    public let runningVariance: Tensor
    private let batches = Tensor(0)
    private let momentum: Float
    private let epsilon: Float
    private let activation: Activation
    /// Whether it normalises by the running statistics, and does not update them, in training too: see `freeze`.
    public internal(set) var isStill = false

    /// - Parameters:
    ///   - channels: the extent of the last axis.
    ///   - initialScale: the initial scale of every channel: 1, or 0 for the last norm of a residual block that starts
    ///     as identity.
    ///   - momentum: the weight of a batch's statistics in the update of the running ones.
    ///   - epsilon: added to the variance.
    ///   - isAffine: whether scale and shift are trained. If not, they stay at 1 and 0 and are not in weight files.
    ///   - activation: the function that is applied last if a call names no other.
    public init(
        _ channels: Int, initialScale: Float = 1, momentum: Float = 0.1, epsilon: Float = 1e-5, isAffine: Bool = true,
        activation: Activation = .none
    ) {
        weight = Tensor(repeating: initialScale, [channels])
        bias = .zeros([channels])
        runningMean = .zeros([channels])
        runningVariance = .ones([channels])
        self.momentum = momentum
        self.epsilon = epsilon
        self.activation = activation
        super.init()
        if isAffine {
            register(parameter: "weight", weight)
            register(parameter: "bias", bias)
        }
        register(buffer: "running_mean", runningMean)
        register(buffer: "running_var", runningVariance)
        register(buffer: "num_batches_tracked", batches, stored: .counter)
    }

    public override func forward(_ input: Tensor) throws -> Tensor { try normalized(input, activation, nil) }

    /// With a second tensor: activation(norm(input) + residual).
    public override func forward(_ input: Tensor, _ others: [Tensor]) throws -> Tensor {
        guard others.count <= 1 else {
            throw KitError.usage(
                "batch norm: takes its input and a residual to add, but was given \(others.count + 1) tensors")
        }
        return try normalized(input, activation, others.first)
    }

    /// activation(norm(input) + residual).
    public func callAsFunction(
        _ input: Tensor, _ activation: Activation, residual: Tensor? = nil
    ) throws -> Tensor {
        try called { try normalized(input, activation, residual) }
    }

    private func normalized(_ input: Tensor, _ activation: Activation, _ residual: Tensor?) throws -> Tensor {
        guard input.shape.rank > 0 else {
            throw KitError.usage("batch norm: expected [.., channels \(weight.count)], given a tensor without axes")
        }
        let usesBatch = isTraining && !isStill
        if usesBatch, Shard.current == nil {
            guard input.count > input.shape[-1] else {
                throw KitError.usage(
                    "batch norm: in training it needs more than one value for each channel, but the input is \(input.shape)"
                )
            }
        }
        let isRepeating = Autograd.isRepeating
        let statistics = LayerStatistics(Shard.current) { [batches] in
            if !isRepeating { batches.pointer[0] += 1 }
        }
        return try input.batchNorm(
            scale: weight, shift: bias, runningMean: runningMean, runningVariance: runningVariance,
            isTraining: usesBatch, momentum: momentum, epsilon: epsilon, activation: activation,
            residual: residual, over: statistics)
    }

    public override var summary: String { "BatchNorm(\(weight.count))" }
}
