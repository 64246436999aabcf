import KitCore
import KitTensor

/// In training, sets a residual branch to 0 for samples chosen at random and scales it up for the others, which preserves
/// the mean (Huang et al. 2016, "Deep networks with stochastic depth"). In evaluation, returns its input.
public final class DropPath: Module {
    public let probability: Double

    /// - Parameter probability: the probability that a sample's branch is 0: from 0 up to, but not including, 1.
    public init(_ probability: Double) {
        self.probability = probability
        factors = Dropout(probability)
    }

    /// Draws a factor for each sample.
    private let factors: Dropout

    /// [batch, ..] to [batch, ..].
    public override func forward(_ input: Tensor) throws -> Tensor {
        guard input.shape.rank > 0 else {
            throw KitError.usage("drop path: expected [batch, ..], given a tensor without axes")
        }
        guard isTraining, probability > 0 else { return input }
        return try input * factors(.ones(Shape([input.shape[0]] + input.shape.extents.dropFirst().map { _ in 1 })))
    }

    public override var summary: String { "DropPath(\(probability))" }
}
