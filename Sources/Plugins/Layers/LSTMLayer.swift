import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LSTMLayer.self) }

/// The layer `LSTM` for recipes.
struct LSTMLayer: Layer {
    static let name = "lstm"
    static let summary =
        "Layers of long short-term memory: [batch, time, in] to [batch, time, hidden], or 2 hidden if bidirectional."
    static let reference = "Hochreiter and Schmidhuber 1997; PyTorch's nn.LSTM, batch first"

    @Param("Width of the input, and of each direction's output.", positional: true) var widths: [Int]
    @Param("Number of stacked layers.", in: 1...64, from: .ours) var layers: Int = 1
    @Param("Whether each layer also runs backwards in time.", from: .ours) var bidirectional: Bool = false
    @Param("Share of values set to 0 between layers in training.", in: 0...0.99, from: .ours) var dropout: Double = 0

    init() {}

    func validate() throws {
        guard widths.count == 2, widths.allSatisfy((1...65536).contains) else {
            throw KitError.usage(
                "option 'widths' must be { in, hidden }, each 1 to 65536, but is \(widths.optionText)")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        LSTM(
            widths[0], hidden: widths[1], layers: layers, isBidirectional: bidirectional, dropout: dropout, &random)
    }
}
