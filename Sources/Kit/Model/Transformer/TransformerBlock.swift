import KitCore
import KitTensor

/// Self-attention and a feed-forward layer, each after a layer norm and added to its input: [batch, tokens, width] to the
/// same (Dosovitskiy et al. 2021, "An image is worth 16x16 words").
///
/// The names are those of public weight files of vision transformers by Hugging Face.
public final class TransformerBlock: Module {
    private let attentionNorm: LayerNorm
    private let attention: SelfAttention
    private let feedForwardNorm: LayerNorm
    private let feedForward: FeedForward
    private let scales: (attention: LayerScale, feedForward: LayerScale)?
    private let dropPath: DropPath

    /// - Parameters:
    ///   - width: features of a token.
    ///   - heads: the number of heads, which divide the width.
    ///   - hidden: features between the feed-forward layers.
    ///   - epsilon: of the layer norms.
    ///   - dropPath: the probability that a sample skips a branch in training.
    ///   - layerScale: the initial factor of the branches; nil for no factors.
    ///   - initialiser: initialises the weights; see `Linear`.
    ///   - random: the stream for fresh weights.
    public init(
        _ width: Int, heads: Int, hidden: Int, epsilon: Float, dropPath: Double = 0, layerScale: Float? = nil,
        initialiser: Initialiser = .normal(0.02), _ random: inout RandomStream
    ) {
        attentionNorm = LayerNorm(width, epsilon: epsilon)
        attention = SelfAttention(
            width, heads: heads, names: ["attention.query", "attention.key", "attention.value", "output.dense"],
            initialiser: initialiser, &random)
        feedForwardNorm = LayerNorm(width, epsilon: epsilon)
        feedForward = FeedForward(width, hidden: hidden, initialiser: initialiser, &random)
        scales = layerScale.map { (LayerScale(width, initial: $0), LayerScale(width, initial: $0)) }
        self.dropPath = DropPath(dropPath)
        super.init()
        registerParts()
    }

    /// A block that has layer norms of its own and uses the other layers of another block, which are registered in both
    /// (as the joint block of Gong et al. 2023, "Contrastive audio-visual masked autoencoder").
    ///
    /// - Parameters:
    ///   - other: the block whose attention and feed-forward layer are used.
    ///   - epsilon: of the layer norms.
    public init(sharing other: TransformerBlock, epsilon: Float) {
        attentionNorm = LayerNorm(other.width, epsilon: epsilon)
        feedForwardNorm = LayerNorm(other.width, epsilon: epsilon)
        (attention, feedForward, scales, dropPath) = (
            other.attention, other.feedForward, other.scales, other.dropPath
        )
        super.init()
        registerParts()
    }

    /// Features of a token.
    public var width: Int { attentionNorm.weight.count }
    /// The number of heads.
    public var heads: Int { attention.heads }

    private func registerParts() {
        for norm in [attentionNorm, feedForwardNorm] { norm.feedsProducts = true }
        register("attention", attention)
        register("intermediate.dense", feedForward.widen)
        register("output.dense", feedForward.narrow)
        register("layernorm_before", attentionNorm)
        register("layernorm_after", feedForwardNorm)
        if let scales {
            register("layer_scale1", scales.attention)
            register("layer_scale2", scales.feedForward)
        }
        register("drop_path", dropPath)
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        var branch = try attention(attentionNorm(input))
        if let scales { branch = try scales.attention(branch) }
        let x = try input + dropPath(branch)
        branch = try feedForward(feedForwardNorm(x))
        if let scales { branch = try scales.feedForward(branch) }
        return try x + dropPath(branch)
    }

    public override var summary: String { "TransformerBlock(\(width), \(counted(heads, "head")))" }
}
