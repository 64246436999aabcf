import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MLP.self) }

/// Linear layers with a batch norm and a ReLU between them; nothing follows the last.
struct MLP: Head {
    static let name = "mlp"
    static let summary = "Projection head: linear layers with batch norm and ReLU between, [batch, in] to [batch, out]."
    static let reference = "Chen et al. 2020 (SimCLR), section 2.1 and its public code"

    @Param("Widths of the input, the hidden layers and the output.", positional: true)
    var widths: [Int]

    @Param("Whether to use batch norm before each ReLU; the hidden layers then have no bias.", from: .inferred)
    var batchNorm: Bool = true

    init() {}

    func validate() throws {
        guard widths.count >= 2, widths.allSatisfy(Linear.widths.contains) else {
            throw KitError.usage(
                "option 'widths' must list at least two widths of \(Linear.widths.lowerBound) to "
                    + "\(Linear.widths.upperBound), but is \(widths.optionText)")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        MLPModule(widths, batchNorm: batchNorm, &random)
    }
}

/// Uses the names of lightly's projection heads: `layers.0.weight`...
private final class MLPModule: Module {
    private let widths: [Int]
    private let layers: Chain

    init(_ widths: [Int], batchNorm: Bool, _ random: inout RandomStream) {
        self.widths = widths
        var layers: [Module] = []
        for layer in 1..<widths.count {
            let isLast = layer == widths.count - 1
            layers.append(Linear(widths[layer - 1], widths[layer], bias: isLast || !batchNorm, &random))
            guard !isLast else { break }
            if batchNorm { layers.append(BatchNorm(widths[layer])) }
            layers.append(Activate.relu)
        }
        self.layers = Chain(layers)
        super.init()
        register("layers", self.layers)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try ExpectedInput.features(widths[0]).check(input, for: "mlp")
        return try layers(input)
    }

    override var summary: String { "mlp(\(widths.map(String.init).joined(separator: " -> ")))" }
}
