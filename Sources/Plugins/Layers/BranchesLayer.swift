import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BranchesLayer.self) }

/// The module `Branches` for recipes.
struct BranchesLayer: Layer, ModuleContainer {
    static let name = "branches"
    static let summary = "Modules that all get the same input; their outputs are joined along the last axis, or added."
    static let reference = "Szegedy et al. 2015, Going deeper with convolutions, section 4"

    @Param("The modules, in order.", positional: true) var modules: [Module]
    @Param("How the outputs become one: concat along the channels, or sum.", from: .ours)
    var join: Branches.Join = .concat

    init() {}

    func validate() throws {
        guard !modules.isEmpty else { throw KitError.usage("option 'modules' is empty: give at least one module") }
    }

    func withCopies(_ copy: (Module) throws -> Module) throws -> BranchesLayer {
        let other = BranchesLayer()
        (other.modules, other.join) = (try modules.map(copy), join)
        return other
    }

    func build(_ random: inout RandomStream) throws -> Module { Branches(modules, join: join) }
}
