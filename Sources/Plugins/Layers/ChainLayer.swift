import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ChainLayer.self) }

/// The module `Chain` for recipes.
struct ChainLayer: Layer, ModuleContainer {
    static let name = "chain"
    static let summary = "Modules one after the other: chain[1] is the first, named 0 in files, as in PyTorch."
    static let reference = "PyTorch's nn.Sequential."

    @Param("The modules, in order.", positional: true) var modules: [Module]

    init() {}

    func withCopies(_ copy: (Module) throws -> Module) throws -> ChainLayer {
        let other = ChainLayer()
        other.modules = try modules.map(copy)
        return other
    }

    func build(_ random: inout RandomStream) throws -> Module { Chain(modules) }
}
