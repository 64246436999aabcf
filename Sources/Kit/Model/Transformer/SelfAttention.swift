import KitCore
import KitTensor

/// Attention of tokens to each other, or to those of a second tensor, with several heads: [batch, tokens, width] to the
/// same (Vaswani et al. 2017, "Attention is all you need").
public final class SelfAttention: Module {
    private let projections: [Linear]
    private let output: Linear
    let heads: Int

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
        for projection in projections { projection.feedsProducts = true }
        for (name, layer) in zip(names, projections + [output]) { register(name, layer) }
    }

    /// - Parameters:
    ///   - input: [batch, tokens, width], whose tokens are the queries.
    ///   - others: nothing, or one tensor [batch, other tokens, width] whose tokens are the keys and values.
    public override func forward(_ input: Tensor, _ others: [Tensor]) throws -> Tensor {
        let width = output.weight.shape[0]
        guard others.count <= 1 else {
            throw KitError.usage("attention: takes one or two tensors, but was given \(others.count + 1)")
        }
        for tensor in [input] + others where tensor.shape.rank != 3 || tensor.shape[2] != width {
            throw KitError.usage("attention: expected [batch, tokens, features \(width)], given \(tensor.shape)")
        }
        let source = others.first ?? input
        let (queries, keys, values) = try (projections[0](input), projections[1](source), projections[2](source))
        return try output(queries.attention(keys, values, heads: heads))
    }

    public override var summary: String { "SelfAttention(\(output.weight.shape[0]), \(counted(heads, "head")))" }
}
