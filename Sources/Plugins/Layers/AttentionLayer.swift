import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AttentionLayer.self) }

/// The layer `SelfAttention` for recipes.
struct AttentionLayer: Layer {
    static let name = "attention"
    static let summary =
        "Attention of tokens to each other, or to those of a second tensor given to the call: [batch, tokens, width] to the same."
    static let reference =
        "Vaswani et al. 2017, Attention is all you need; PyTorch's nn.MultiheadAttention, batch first"

    @Param("Features of a token.", positional: true) var width: OnlyItem<Int>
    @Param("The number of heads, which divide the width.") var heads: Int
    @Param(FreshLinearWeights.help, from: .ours) var weights: FreshLinearWeights = .uniform

    init() {}

    func validate() throws { try TransformerWidths.check(width.value, heads: heads) }

    func build(_ random: inout RandomStream) throws -> Module {
        weights.finish(SelfAttention(width.value, heads: heads, initialiser: weights.initialiser, &random))
    }
}
