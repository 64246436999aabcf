import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(IdentityLayer.self) }

/// A layer that does nothing, in the place of a part that a variant of a network lacks.
struct IdentityLayer: Layer {
    static let name = "identity"
    static let summary = "Gives its input."
    static let reference = "PyTorch's nn.Identity."

    init() {}

    func build(_ random: inout RandomStream) throws -> Module { Activate("Identity") { $0 } }
}
