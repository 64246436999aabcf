import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FeedForwardLayer.self) }

/// The layer `FeedForward` for recipes.
struct FeedForwardLayer: Layer {
    static let name = "feed_forward"
    static let summary =
        "Two linear layers, fc1 and fc2, with a GELU between them, for each token: [.., width] to the same."
    static let reference = "Vaswani et al. 2017, section 3.3, with the GELU of Hendrycks and Gimpel 2016"

    @Param("Features of a token.", positional: true) var width: OnlyItem<Int>
    @Param("Features between the layers; by default, four times the width.", from: .paper) var hidden: Int? = nil
    @Param(FreshLinearWeights.help, from: .ours) var weights: FreshLinearWeights = .uniform

    init() {}

    func validate() throws {
        try TransformerWidths.check(width.value, heads: 1, hidden: hidden ?? Shape.product([4, width.value]))
    }

    func build(_ random: inout RandomStream) throws -> Module {
        weights.finish(
            FeedForward(width.value, hidden: hidden ?? 4 * width.value, initialiser: weights.initialiser, &random))
    }
}
