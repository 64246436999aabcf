import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ResidualLayer.self) }

/// The module `Residual` for recipes.
struct ResidualLayer: Layer, ModuleContainer {
    static let name = "residual"
    static let summary = "activation(body(x) + shortcut(x)); without a shortcut, x itself is added."
    static let reference = "He et al. 2016, Deep residual learning for image recognition, equations 1 and 2"

    @Param("The module whose output is added.", positional: true) var body: OnlyItem<Module>
    @Param("The module on the other path; nil adds the input itself.", from: .ours) var shortcut: Module? = nil
    @Param("Function of the sum.", from: .ours) var activation: FusedActivation = .none

    init() {}

    func withCopies(_ copy: (Module) throws -> Module) throws -> ResidualLayer {
        let other = ResidualLayer()
        other.body = OnlyItem(try copy(body.value))
        (other.shortcut, other.activation) = (try shortcut.map(copy), activation)
        return other
    }

    func build(_ random: inout RandomStream) throws -> Module {
        Residual(body.value, shortcut: shortcut, activation: activation.activation)
    }
}
