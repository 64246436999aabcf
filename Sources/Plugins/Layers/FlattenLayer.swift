import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FlattenLayer.self) }

/// Flattening as a layer of a chain, for recipes.
struct FlattenLayer: Layer {
    static let name = "flatten"
    static let summary = "Merges all axes but the first: [batch, ..] to [batch, elements]."
    static let reference = "PyTorch's nn.Flatten."

    init() {}

    func build(_ random: inout RandomStream) throws -> Module { Activate("Flatten") { try $0.flattened(from: 1) } }
}
