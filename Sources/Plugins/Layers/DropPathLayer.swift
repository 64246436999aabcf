import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DropPathLayer.self) }

/// The layer `DropPath` for recipes.
struct DropPathLayer: Layer {
    static let name = "drop_path"
    static let summary =
        "In training, sets a residual branch to 0 for samples chosen at random and scales the others up: [batch, ..] to the same."
    static let reference = "Huang et al. 2016, Deep networks with stochastic depth"

    @Param("Probability that a sample's branch is 0.", positional: true) var probability: OnlyItem<Double>

    init() {}

    func validate() throws {
        guard (0..<1).contains(probability.value) else {
            throw KitError.usage(
                "option 'probability' must be from 0 up to but not including 1, but is \(probability.value)")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module { DropPath(probability.value) }
}
