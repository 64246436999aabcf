import CKernels
import KitCore

/// The activation that follows a normalisation in the same pass.
public enum Activation: Int32, Sendable {
    case none, relu, swish
}

extension Tensor {
    /// Batch normalisation over all axes but the last (Ioffe and Szegedy 2015), then the sum with a residual, then an
    /// activation: f((x - mean) / sqrt(variance + epsilon) * scale + shift + residual).
    ///
    /// For backward, only x is kept (and the result, if there is a residual before a ReLU). Without a residual, the
    /// values are computed when they are first needed, and never if only convolutions read them (see `ChannelMap`).
    ///
    /// - Parameters:
    ///   - scale: [channels], the factor of the learned affine map.
    ///   - shift: [channels], the offset of the learned affine map.
    ///   - runningMean: [channels]; used in evaluation, and in training moved towards the batch's mean by `momentum`,
    ///     as in PyTorch.
    ///   - runningVariance: [channels]; the same with the batch's unbiased variance.
    ///   - isTraining: whether to use the batch's own statistics or the running ones.
    ///   - momentum: the weight of a batch's statistics in the update of the running ones.
    ///   - epsilon: added to the variance.
    ///   - activation: the function f that is applied last.
    ///   - residual: a tensor of this one's shape. Not allowed with `.swish`.
    ///   - batch: the rows over which statistics are taken in training; nil for those of this tensor.
    public func batchNorm(
        scale: Tensor, shift: Tensor, runningMean: Tensor, runningVariance: Tensor, isTraining: Bool,
        momentum: Float = 0.1, epsilon: Float = 1e-5, activation: Activation = .none, residual: Tensor? = nil,
        over batch: (any BatchStatistics)? = nil
    ) throws -> Tensor {
        if let residual, residual.shape != shape {
            throw KitError.usage(
                "batchNorm: the residual must have the input's shape \(shape), but its shape is \(residual.shape)")
        }
        guard residual == nil || activation != .swish else {
            throw KitError.usage("batchNorm: activation swish takes no residual; apply swish() to the result instead")
        }
        let norm = try Normalization(
            self, scale, shift, runningMean, runningVariance, isTraining: isTraining, momentum: momentum,
            epsilon: epsilon, over: batch ?? InputStatistics())
        let result =
            residual.map { norm.apply(self, $0.converted(toTypeOf: self), activation) }
            ?? Tensor(norm.map(detached(), activation))
        // The parameters may change before the values are needed.
        if requiresGrad { result.settle() }
        let input = detached()
        let output = activation == .relu && residual != nil ? result.detached() : nil
        let residualNeedsGrad = residual?.needsGrad == true
        // In training, other samples would count.
        let form =
            isTraining
            ? nil : GraphForm.batchNorm(mean: runningMean, variance: runningVariance, epsilon: epsilon, activation)
        return result.recorded(
            "batchNorm", [self, scale, shift] + (residual.map { [$0] } ?? []), form: form
        ) { gradient in
            let gradient = gradient.converted(toTypeOf: input)
            let (sums, products) = norm.gradientSums(input, output, gradient, activation)
            let whole = try norm.batchSums(sums, products)
            let gradients = norm.inputGradients(
                input, output, gradient, activation, whole.sums, whole.products, withResidual: residualNeedsGrad)
            let scaleGradient = Tensor(zip(products, norm.inverseDeviation).map { Float($0 * $1) }, scale.shape)
            let shiftGradient = Tensor(sums.map(Float.init), shift.shape)
            return [gradients.input, scaleGradient, shiftGradient] + (residual == nil ? [] : [gradients.residual])
        }
    }
}
