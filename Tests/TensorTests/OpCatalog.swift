import Kit
import TestSupport

/// One op with inputs of any size, for the tests that every op must pass.
struct Op: @unchecked Sendable {
    let name: String
    /// The shapes of the inputs, given a size.
    let shapes: (Int) -> [Shape]
    let range: (low: Double, high: Double)
    let body: ([Tensor]) throws -> Tensor

    init(
        _ name: String, _ shapes: @escaping (Int) -> [Shape], _ low: Double = -2, _ high: Double = 2,
        _ body: @escaping ([Tensor]) throws -> Tensor
    ) {
        self.name = name
        self.shapes = shapes
        range = (low, high)
        self.body = body
    }

    func inputs(_ size: Int) -> [(name: String, tensor: Tensor)] {
        shapes(size).enumerated().map {
            ("\($0)", Pattern.tensor("\(name)/\($0)", $1, range.low, range.high))
        }
    }

    private static func one(_ size: Int) -> [Shape] { [[size, 7]] }
    private static func two(_ size: Int) -> [Shape] { [[size, 7], [size, 7]] }

    static let all: [Op] = functions + arithmetic + reductions + rows + products + layout

    private static let functions: [Op] = [
        Op("exp", one) { $0[0].exp() },
        Op("log", one, 0.5, 3) { $0[0].log() },
        Op("sqrt", one, 0.5, 3) { $0[0].sqrt() },
        Op("sin", one) { $0[0].sin() },
        Op("cos", one) { $0[0].cos() },
        Op("abs", one, 0.1, 3) { $0[0].abs() },
        Op("squared", one) { $0[0].squared() },
        Op("negative", one) { -$0[0] },
        Op("relu", one, 0.1, 2) { $0[0].relu() },
        Op("sigmoid", one) { $0[0].sigmoid() },
        Op("tanh", one) { $0[0].tanh() },
        Op("swish", one) { $0[0].swish() },
        Op("gelu", one) { $0[0].gelu() },
        Op("clamp", one, -2, -0.1) { try $0[0].clamped(-5, 0) },
        Op("power", one, 0.5, 2) { $0[0].power(1.7) },
    ]

    private static let arithmetic: [Op] = [
        Op("power of", { [[$0, 7], [7]] }, 0.5, 2) { try $0[0].power($0[1]) },
        Op("add", two) { try $0[0] + $0[1] },
        Op("add channel", { [[$0, 7], [7]] }) { try $0[0] + $0[1] },
        Op("subtract gate", { [[2, 3, $0, 5], [2, 1, 1, 5]] }) { try $0[0] - $0[1] },
        Op("multiply gate", { [[2, 3, $0, 5], [2, 1, 1, 5]] }) { try $0[0] * $0[1] },
        Op("multiply by itself", one) { try $0[0] * $0[0] },
        Op("divide", { [[$0, 1], [$0, 7]] }, 0.5, 2) { try $0[0] / $0[1] },
        Op("maximum", { [[$0, 7], [7]] }) { try Tensor.maximum($0[0], $0[1] + 5) },
        Op("minimum", two) { try Tensor.minimum($0[0], $0[1] + 5) },
        Op("numbers", one, 0.5, 2) { 3 / (2 - ($0[0] * 0.25 + 1) / 4) },
        Op("broadcast", { [[$0, 1, 3]] }) { try $0[0].broadcast(to: [2, $0[0].shape[0], 5, 3]) },
    ]

    private static let reductions: [Op] = [
        Op("sum", { [[3, $0, 5]] }) { try $0[0].sum([1]) },
        Op("mean", { [[$0, 5]] }) { try $0[0].mean() },
        Op("variance", { [[3, $0, 5]] }) { try $0[0].variance([0, 1]) },
        Op("max", { [[2, $0]] }) { try ($0[0] + Self.ramp($0[0].shape)).max([1]) },
        Op("min", { [[2, $0]] }) { try ($0[0] + Self.ramp($0[0].shape)).min() },
    ]

    private static let rows: [Op] = [
        Op("softmax", { [[$0, 9]] }) { try $0[0].softmax() },
        Op("log_softmax", { [[9, $0]] }) { try $0[0].logSoftmax(axis: 0) },
        Op("logsumexp", { [[$0, 9]] }) { try $0[0].logSumExp() },
        Op("l2_normalize", { [[$0, 9]] }) { try $0[0].l2Normalized() },
        Op("layer_norm", { [[$0, 9], [9], [9]] }) { try $0[0].layerNorm($0[1], $0[2]) },
        Op("dropout", one) { try dropped($0) },
    ]

    private static let products: [Op] = [
        Op("matmul", { [[$0, 5], [5, 9]] }) { try $0[0].matmul($0[1]) },
        Op("matmul, long inner axis", { [[3, $0], [$0, 4]] }) { try $0[0].matmul($0[1]) },
        Op("matmul, transposed", { [[5, $0], [9, 5]] }) { try $0[0].matmul($0[1], transposeA: true, transposeB: true) },
        Op("matmul, batches", { [[$0, 3, 5], [2, 1, 5, 4]] }) { try $0[0].matmul($0[1]) },
        Op("linear", { [[$0, 5], [9, 5], [9]] }) { try $0[0].linear($0[1], $0[2]) },
        Op("lstm", { [[2, $0, 12], [12, 3]] }, -1, 1) { try $0[0].lstm($0[1]) },
        Op("lstm, reversed", { [[2, $0, 12], [12, 3]] }, -1, 1) { try $0[0].lstm($0[1], isReversed: true) },
    ]

    private static let layout: [Op] = [
        Op("permute", { [[$0, 2, 5]] }) { try $0[0].permuted([2, 0, 1]) },
        Op("reshape", { [[$0, 4]] }) { try $0[0].reshaped([2, -1]) },
        Op("slice", { [[$0, 4]] }) { try $0[0].slice(axis: 1, 1..<3) },
        Op("select", { [[$0, 4]] }) { try $0[0].select(axis: 0, -1) },
        Op("gather", { [[$0, 4]] }) { try $0[0].gatherRows([0, 2, 0]) },
        Op("pick", { [[$0, 4]] }) { try $0[0].picked(columns: (0..<$0[0].shape[0]).map { $0 % 4 }) },
        Op("concat", { [[$0, 4], [$0, 3]] }) { try Tensor.concat([$0[0], $0[1], $0[0]], axis: 1) },
        Op("stack", two) { try Tensor.stack($0) },
    ]

    private static func dropped(_ inputs: [Tensor]) throws -> Tensor {
        var random = RandomStream(seed: 3)
        return try inputs[0].dropout(0.4, &random)
    }

    /// Distances that keep every element the only largest, even when moved by a finite difference's step.
    private static func ramp(_ shape: Shape) -> Tensor {
        let width = shape[-1]
        let values = (0..<shape.count).map { index -> Float in
            let step: Float = index < width ? 5 : 6
            return step * Float(index % width)
        }
        return Tensor(values, shape)
    }
}
