import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TransformerLayer.self) }

/// A chain of `TransformerBlock`s for recipes.
struct TransformerLayer: Layer {
    static let name = "transformer"
    static let summary =
        "A chain of transformer blocks, named 0, 1, 2...: [batch, tokens, width] to the same, without a layer norm at the end."
    static let reference = "Dosovitskiy et al. 2021, An image is worth 16x16 words, equations 2 and 3"

    @Param("Features of a token.", positional: true) var width: OnlyItem<Int>
    @Param("The number of heads, which divide the width.") var heads: Int
    @Param("The number of blocks.") var depth: Int
    @Param("Features between the feed-forward layers; by default, four times the width.", from: .paper)
    var hidden: Int? = nil
    @Param("Added to the variance by the layer norms.", in: 1e-12...1, from: .ours) var epsilon: Double = 1e-5
    @Param(
        "The probability that a sample skips a branch of the last block in training; it rises from 0 at the first.",
        in: 0...0.99, from: .ours)
    var dropPath: Double = 0
    @Param("The initial factor of all branches (layer scale); nil for no factors.", from: .ours)
    var layerScale: Double? = nil
    @Param(FreshLinearWeights.help, from: .ours) var weights: FreshLinearWeights = .normal

    init() {}

    func validate() throws {
        guard 1...1024 ~= depth else {
            throw KitError.usage("option 'depth' must be 1 to 1024, but is \(depth)")
        }
        try TransformerWidths.check(width.value, heads: heads, hidden: hidden ?? Shape.product([4, width.value]))
        if let layerScale, !(0.0...1 ~= layerScale) {
            throw KitError.usage("option 'layer_scale' must be 0 to 1, but is \(layerScale)")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        var blocks: [Module] = []
        for block in 0..<depth {
            blocks.append(
                TransformerBlock(
                    width.value, heads: heads, hidden: hidden ?? 4 * width.value, epsilon: Float(epsilon),
                    dropPath: dropPath * Double(block) / Double(max(1, depth - 1)),
                    layerScale: layerScale.map(Float.init), initialiser: weights.initialiser, &random))
            try MemoryShortage.check()
        }
        return weights.finish(Chain(blocks))
    }
}
