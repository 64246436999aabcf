import Kit

/// Half the memory for activations, at the price of rounded gradients.
struct SaveInBFloat16: Function {
    static let name = "save_in_bfloat16"
    static let summary =
        "Calls a function; convolutions, normalisations and activations in it keep what they need until backward in bfloat16: "
        + "half the memory. Results keep their bits; gradients are rounded on the way (`benchmarks/saved_activations.lua` "
        + "shows by how much). Returns all that the function returns."
    static let source = "torch.autograd.graph.saved_tensors_hooks with a cast to torch.bfloat16."

    @Param("The function.", positional: true) var functions: [Ref<any ScriptFunction>]

    func construct() throws -> Any {
        guard functions.count == 1 else {
            throw KitError.usage("takes one function, but was given \(functions.count)")
        }
        return OptionValue.results(try Autograd.savingInBFloat16 { try functions[0].object.results([]) })
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SaveInBFloat16.self) }
