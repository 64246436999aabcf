import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LayerNormLayer.self) }

/// The layer `LayerNorm` for recipes.
struct LayerNormLayer: Layer {
    static let name = "layer_norm"
    static let summary = "Normalises each row of the last axis, then scales and shifts it: [.., features] to the same."
    static let reference = "Ba et al. 2016, Layer normalization; PyTorch's nn.LayerNorm over one axis"

    @Param("Width of the last axis.", positional: true) var features: OnlyItem<Int>
    @Param("Added to the variance.", in: 1e-12...1, from: .ours) var epsilon: Double = 1e-5

    init() {}

    func validate() throws { try LayerWidth.check(features.value, "features") }

    func build(_ random: inout RandomStream) throws -> Module { LayerNorm(features.value, epsilon: Float(epsilon)) }
}

/// The width of a layer.
enum LayerWidth {
    static func check(_ width: Int, _ option: String) throws {
        guard Linear.widths.contains(width) else {
            throw KitError.usage(
                "option '\(option)' must be \(Linear.widths.lowerBound) to \(Linear.widths.upperBound), "
                    + "but is \(width)")
        }
    }
}
