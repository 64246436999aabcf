import Kit

/// Halves the memory for activations, at the cost of rounded gradients.
struct SaveInBFloat16: Function {
    static let name = "save_in_bfloat16"
    static let summary =
        "Calls a function, in which convolutions, normalisations and activations keep data for backward in bfloat16, with "
        + "half the memory. Results have the same bits; gradients are rounded (`benchmarks/precision.lua` "
        + "shows by how much). Returns the results of the function."
    static let reference = "torch.autograd.graph.saved_tensors_hooks with a cast to torch.bfloat16."

    @Param("The function.", positional: true) var functions: [ObjectOption<any ScriptFunction>]

    func construct() throws -> Any {
        guard functions.count == 1 else {
            throw KitError.usage("takes one function, but was given \(functions.count)")
        }
        return OptionValue.results(try Autograd.savingInBFloat16 { try functions[0].object.results([]) })
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SaveInBFloat16.self) }
