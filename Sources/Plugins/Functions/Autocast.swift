import Kit

/// Work in another arithmetic.
struct Autocast: Function {
    static let name = "autocast"
    static let summary =
        "Calls a function, in which convolutions, linear layers and LSTMs multiply factors of 8 significant bits and add in "
        + "float32, forward and backward, and keep data for backward in half the memory. Weights, sums, normalisations "
        + "and losses stay float32. Returns the results of the function. `kit.train` and `kit.embed` have it as an option."
    static let reference = "torch.autocast with torch.bfloat16, whose results are bfloat16, too; here they are float32."

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
