import Kit

/// Work without gradients.
struct NoGrad: Function {
    static let name = "no_grad"
    static let summary = "Calls a function without recording gradients and returns its results."
    static let reference = "torch.no_grad."

    @Param("The function.", positional: true) var functions: [ObjectOption<any ScriptFunction>]

    func construct() throws -> Any {
        guard functions.count == 1 else {
            throw KitError.usage("takes one function, but was given \(functions.count)")
        }
        return OptionValue.results(try Autograd.noGrad { try functions[0].object.results([]) })
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(NoGrad.self) }
