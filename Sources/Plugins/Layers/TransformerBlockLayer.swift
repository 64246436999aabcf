import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TransformerBlockLayer.self) }

/// The layer `TransformerBlock` for recipes.
struct TransformerBlockLayer: Layer, ModuleContainer {
    static let name = "transformer_block"
    static let summary =
        "x + attention(norm(x)), then x + feed-forward(norm(x)): [batch, tokens, width] to the same, with the names of weights that vision transformers of Hugging Face have."
    static let reference = "Dosovitskiy et al. 2021, An image is worth 16x16 words, equations 2 and 3"

    @Param("Features of a token.", positional: true) var width: OnlyItem<Int>
    @Param("The number of heads, which divide the width.") var heads: Int
    @Param("Features between the feed-forward layers; by default, four times the width.", from: .paper)
    var hidden: Int? = nil
    @Param("Added to the variance by the layer norms.", in: 1e-12...1, from: .ours) var epsilon: Double = 1e-5
    @Param("The probability that a sample skips a branch in training.", in: 0...0.99, from: .ours)
    var dropPath: Double = 0
    @Param("The initial factor of both branches (layer scale); nil for no factors.", from: .ours)
    var layerScale: Double? = nil
    @Param(FreshLinearWeights.help, from: .ours) var weights: FreshLinearWeights = .normal

    @Param(
        "A block whose attention and feed-forward layer this one uses, too, with layer norms of its own: only the epsilon then counts.",
        from: .ours)
    var shared: Module? = nil

    init() {}

    func withCopies(_ copy: (Module) throws -> Module) throws -> TransformerBlockLayer {
        let other = TransformerBlockLayer()
        (other.width, other.heads, other.hidden, other.epsilon) = (width, heads, hidden, epsilon)
        (other.dropPath, other.layerScale, other.weights) = (dropPath, layerScale, weights)
        other.shared = try shared.map(copy)
        return other
    }

    func validate() throws {
        try TransformerWidths.check(width.value, heads: heads, hidden: hidden ?? Shape.product([4, width.value]))
        if let layerScale, !(0.0...1 ~= layerScale) {
            throw KitError.usage("option 'layer_scale' must be 0 to 1, but is \(layerScale)")
        }
        guard let shared else { return }
        guard let block = shared as? TransformerBlock, block.width == width.value, block.heads == heads else {
            throw KitError.usage(
                "option 'shared' must be a transformer block of width \(width.value) with \(heads) heads, but is "
                    + shared.summary)
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        if let shared = shared as? TransformerBlock {
            return TransformerBlock(sharing: shared, epsilon: Float(epsilon))
        }
        return weights.finish(
            TransformerBlock(
                width.value, heads: heads, hidden: hidden ?? 4 * width.value, epsilon: Float(epsilon),
                dropPath: dropPath, layerScale: layerScale.map(Float.init), initialiser: weights.initialiser, &random))
    }
}
