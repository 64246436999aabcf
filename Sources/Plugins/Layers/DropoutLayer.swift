import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DropoutLayer.self) }

/// The layer `Dropout` for recipes.
struct DropoutLayer: Layer {
    static let name = "dropout"
    static let summary =
        "In training, sets elements to 0 with a probability and scales the others up; in evaluation, gives its input."
    static let reference = "Srivastava et al. 2014, Dropout; PyTorch's nn.Dropout"

    @Param("Probability that an element becomes 0.", positional: true) var probability: OnlyItem<Double>

    init() {}

    func validate() throws {
        guard (0..<1).contains(probability.value) else {
            throw KitError.usage(
                "option 'probability' must be from 0 up to but not including 1, but is \(probability.value)")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module { Dropout(probability.value) }
}
