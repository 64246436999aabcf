import KitCore
import KitTensor

/// Normalises each row of the last axis to mean 0 and variance 1, then scales and shifts it (Ba et al. 2016, "Layer
/// normalization"). PyTorch's `nn.LayerNorm` over one axis.
public final class LayerNorm: Module {
    public let weight: Tensor
    public let bias: Tensor
    private let epsilon: Float
    /// Whether the result goes only to products, directly or through layers that keep its type. If so, the precision
    /// bfloat16 also stores it as bfloat16.
    var feedsProducts = false

    public init(_ features: Int, epsilon: Float = 1e-5) {
        weight = .ones([features])
        bias = .zeros([features])
        self.epsilon = epsilon
        super.init()
        register(parameter: "weight", weight)
        register(parameter: "bias", bias)
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        try input.layerNorm(weight, bias, epsilon: epsilon, feedsProducts: feedsProducts)
    }

    public override var summary: String { "LayerNorm(\(weight.count))" }
}
