import KitCore
import KitTensor

/// Layers of long short-term memory: [batch, time, in] to [batch, time, hidden], or to [batch, time, 2 hidden] if
/// bidirectional. PyTorch's `nn.LSTM`, batch first.
public final class LSTM: Module {
    /// One direction of one layer.
    private struct Direction {
        let inputWeight: Tensor
        let hiddenWeight: Tensor
        let inputBias: Tensor
        let hiddenBias: Tensor
    }

    private let directions: [[Direction]]
    private let dropout: Dropout?
    private let hidden: Int
    private let inputs: Int

    /// - Parameters:
    ///   - inputs: the number of input features.
    ///   - hidden: the number of output features of each direction.
    ///   - layers: the number of stacked layers.
    ///   - isBidirectional: whether each layer also runs backwards in time. The results of both directions are
    ///     concatenated.
    ///   - dropout: the share of values set to 0 between layers in training.
    ///   - random: the stream for fresh weights.
    public init(
        _ inputs: Int, hidden: Int, layers: Int = 1, isBidirectional: Bool = false, dropout: Double = 0,
        _ random: inout RandomStream
    ) {
        let bound = Float(1 / Double(hidden).squareRoot())
        let count = isBidirectional ? 2 : 1
        var made: [[Direction]] = []
        for layer in 0..<layers {
            let width = layer == 0 ? inputs : count * hidden
            var row: [Direction] = []
            for _ in 0..<count {
                row.append(
                    Direction(
                        inputWeight: .uniform([4 * hidden, width], -bound, bound, &random),
                        hiddenWeight: .uniform([4 * hidden, hidden], -bound, bound, &random),
                        inputBias: .uniform([4 * hidden], -bound, bound, &random),
                        hiddenBias: .uniform([4 * hidden], -bound, bound, &random)))
            }
            made.append(row)
        }
        directions = made
        self.dropout = dropout > 0 && layers > 1 ? Dropout(dropout) : nil
        (self.hidden, self.inputs) = (hidden, inputs)
        super.init()
        for (layer, row) in directions.enumerated() {
            for (index, direction) in row.enumerated() {
                let suffix = "_l\(layer)" + (index == 1 ? "_reverse" : "")
                register(parameter: "weight_ih" + suffix, direction.inputWeight)
                register(parameter: "weight_hh" + suffix, direction.hiddenWeight)
                register(parameter: "bias_ih" + suffix, direction.inputBias)
                register(parameter: "bias_hh" + suffix, direction.hiddenBias)
            }
        }
        if let dropout = self.dropout { register("dropout", dropout) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        try ExpectedInput("sequence", [("batch", nil), ("time", nil), ("features", inputs)]).check(input, for: "lstm")
        var x = input
        for (layer, row) in directions.enumerated() {
            if layer > 0, let dropout { x = try dropout(x) }
            let outputs = try row.enumerated().map { index, direction in
                try x.linear(direction.inputWeight, direction.inputBias + direction.hiddenBias)
                    .lstm(direction.hiddenWeight, isReversed: index == 1)
            }
            x = try outputs.count == 1 ? outputs[0] : Tensor.concat(outputs, axis: 2)
        }
        return x
    }

    public override var summary: String {
        "LSTM(\(inputs) -> \(directions[0].count)x\(hidden), \(counted(directions.count, "layer")))"
    }
}
