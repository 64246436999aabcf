import KitCore
import KitTensor

/// Attention of tokens to each other with several heads, [batch, tokens, width] to [batch, tokens, width] (Vaswani et al.
/// 2017, "Attention is all you need").
public final class SelfAttention: Module {
    private let projections: [Linear]
    private let output: Linear
    private let heads: Int

    /// - Parameters:
    ///   - width: features of a token; the heads divide it.
    ///   - heads: the number of heads.
    ///   - names: the names of the layers for queries, keys, values and the result.
    ///   - initialiser: initialises the weights; see `Linear`.
    ///   - random: the stream for fresh weights.
    public init(
        _ width: Int, heads: Int, names: [String] = ["query", "key", "value", "output"],
        initialiser: Initialiser = .uniformFanIn, _ random: inout RandomStream
    ) {
        precondition(width % heads == 0 && names.count == 4)
        self.heads = heads
        var projections: [Linear] = []
        for _ in 0..<3 { projections.append(Linear(width, width, initialiser: initialiser, &random)) }
        self.projections = projections
        output = Linear(width, width, initialiser: initialiser, &random)
        super.init()
        for (name, layer) in zip(names, projections + [output]) { register(name, layer) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        let (queries, keys, values) = try (projections[0](input), projections[1](input), projections[2](input))
        return try output(queries.attention(keys, values, heads: heads))
    }

    public override var summary: String { "SelfAttention(\(output.weight.shape[0]), \(heads) heads)" }
}
