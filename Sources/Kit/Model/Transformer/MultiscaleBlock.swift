import KitCore
import KitTensor

/// A block of MViTv2: pooling attention and a feed-forward layer, each after a layer norm and added to its input, which is
/// pooled and widened with the tokens (Li et al. 2022, "MViTv2").
public final class MultiscaleBlock: Module {
    private let attentionNorm: LayerNorm
    private let attention: PoolingAttention
    private let feedForwardNorm: LayerNorm
    private let feedForward: FeedForward
    private let widen: Linear?
    private let dropPath: DropPath
    private let stride: [Int]

    /// - Parameters:
    ///   - settings: the sizes of the attention.
    ///   - dropPath: the probability that a sample skips a branch in training.
    ///   - random: the stream for fresh weights.
    public init(_ settings: PoolingAttention.Settings, dropPath: Double, _ random: inout RandomStream) {
        let normal = Initialiser.normal(0.02)
        attentionNorm = LayerNorm(settings.inputs, epsilon: settings.epsilon)
        attention = PoolingAttention(settings, &random)
        feedForwardNorm = LayerNorm(settings.outputs, epsilon: settings.epsilon)
        feedForward = FeedForward(settings.outputs, hidden: 4 * settings.outputs, initialiser: normal, &random)
        widen =
            settings.inputs == settings.outputs
            ? nil : Linear(settings.inputs, settings.outputs, initialiser: normal, &random)
        self.dropPath = DropPath(dropPath)
        stride = settings.queryStride
        super.init()
        for norm in [attentionNorm, feedForwardNorm] { norm.feedsProducts = true }
        register("norm1", attentionNorm)
        register("attn", attention)
        register("norm2", feedForwardNorm)
        register("mlp", feedForward)
        if let widen { register("proj", widen) }
        register("drop_path", self.dropPath)
    }

    /// - Parameters:
    ///   - tokens: [batch, tokens, inputs].
    ///   - grid: their places.
    /// - Returns: [batch, pooled tokens, outputs], and their places.
    public func callAsFunction(_ tokens: Tensor, _ grid: TokenGrid) throws -> (Tensor, TokenGrid) {
        var pooledGrid = grid
        let result = try called {
            let normed = try attentionNorm(tokens)
            let (branch, places) = try attention(normed, grid)
            pooledGrid = places
            var shortcut = try widen?(normed) ?? tokens
            if stride.contains(where: { $0 > 1 }) {
                shortcut = try shortcut.maxPooledTokens(
                    grid, kernel: stride.map { $0 > 1 ? $0 + 1 : 1 }, stride: stride)
            }
            let x = try shortcut + dropPath(branch)
            return try x + dropPath(feedForward(feedForwardNorm(x)))
        }
        return (result, pooledGrid)
    }

    public override var summary: String { "MultiscaleBlock" }
}
