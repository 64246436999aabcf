import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LinearLayer.self) }

/// The layer `Linear` for recipes.
struct LinearLayer: Layer {
    static let name = "linear"
    static let summary = "A linear layer over the last axis, x weightᵀ + bias: [.., in] to [.., out]."
    static let reference = "PyTorch's nn.Linear."

    @Param("Width of the input and of the output.", positional: true) var widths: [Int]
    @Param("Whether to add a trained bias.", from: .ours) var bias: Bool = true
    @Param(FreshLinearWeights.help, from: .ours) var weights: FreshLinearWeights = .uniform

    init() {}

    func validate() throws {
        guard widths.count == 2, widths.allSatisfy(Linear.widths.contains) else {
            throw KitError.usage(
                "option 'widths' must be { in, out }, each 1 to \(Linear.widths.upperBound), but is "
                    + widths.optionText)
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        weights.finish(Linear(widths[0], widths[1], bias: bias, initialiser: weights.initialiser, &random))
    }
}
