import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LayerScaleLayer.self) }

/// The layer `LayerScale` for recipes.
struct LayerScaleLayer: Layer {
    static let name = "layer_scale"
    static let summary =
        "Multiplies each feature of a residual branch by a trained factor: [.., width] to the same."
    static let reference = "Touvron et al. 2021, Going deeper with image transformers"

    @Param("Features of a token.", positional: true) var width: OnlyItem<Int>
    @Param("The initial factor: the paper's for 18 blocks or less.", in: 0...1, from: .paper) var initial: Double = 0.1

    init() {}

    func validate() throws { try LayerWidth.check(width.value, "width") }

    func build(_ random: inout RandomStream) throws -> Module { LayerScale(width.value, initial: Float(initial)) }
}
