import Kit

/// Work in another arithmetic.
struct Autocast: Function {
    static let name = "autocast"
    static let summary =
        "Calls a function, in which convolutions, linear layers and LSTMs multiply factors of 8 significant bits and add in "
        + "float32, forward and backward. The results of convolutions, and of normalisations and activations after them, "
        + "are rounded to 8 significant bits and take half the memory. Weights, sums, statistics and losses stay float32. "
        + "Returns the results of the function. `kit.train` and `kit.embed` have it as an option."
    static let reference = "torch.autocast with torch.bfloat16, which rounds the results of linear layers, too."

    @Param("The function.", positional: true) var functions: [ObjectOption<any ScriptFunction>]
    @Param("The arithmetic inside: bfloat16, or float32 within a part that is bfloat16.", from: .ours)
    var precision: ProductPrecision = .bfloat16

    func construct() throws -> Any {
        guard functions.count == 1 else {
            throw KitError.usage("takes one function, but was given \(functions.count)")
        }
        return OptionValue.results(try precision.used { try functions[0].object.results([]) })
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Autocast.self) }
