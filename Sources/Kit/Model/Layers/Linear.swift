import KitCore
import KitTensor

/// x weightᵀ + bias over the last axis: [.., in] to [.., out]. PyTorch's `nn.Linear`.
public final class Linear: Module {
    /// The allowed numbers of input and output features.
    public static let widths = 1...1 << 24

    public let weight: Tensor
    public let bias: Tensor?
    /// Whether the result goes only to products, directly or through layers that keep its type. If so, the precision
    /// bfloat16 also stores it as bfloat16.
    var feedsProducts = false

    /// - Parameters:
    ///   - inputs: the number of input features.
    ///   - outputs: the number of output features.
    ///   - hasBias: whether to add a trained bias.
    ///   - initialiser: initialises the weight. The bias starts in ±1 / sqrt(inputs), as in PyTorch, for `uniformFanIn`
    ///     and Xavier's, and at 0 for others.
    ///   - random: the stream for fresh weights.
    public init(
        _ inputs: Int, _ outputs: Int, bias hasBias: Bool = true, initialiser: Initialiser = .uniformFanIn,
        _ random: inout RandomStream
    ) {
        weight = initialiser.tensor([outputs, inputs], &random)
        let bound = Float(1 / Double(inputs).squareRoot())
        switch initialiser {
        case _ where !hasBias: bias = nil
        case .uniformFanIn, .xavierUniform, .xavierNormal: bias = .uniform([outputs], -bound, bound, &random)
        default: bias = .zeros([outputs])
        }
        super.init()
        register(parameter: "weight", weight)
        if let bias { register(parameter: "bias", bias) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        try input.linear(weight, bias, feedsProducts: feedsProducts)
    }

    public override var summary: String { "Linear(\(weight.shape[1]) -> \(weight.shape[0]))" }
}
