import Kit
import TestSupport

/// One op with inputs of any size, for the tests that every op must pass and for the page of all gradients.
struct Op: @unchecked Sendable {
    let name: String
    /// What it computes and the gradient of each input, as docs/gradients.md prints them; nil for another form of the op
    /// above.
    let formula: (value: String, gradients: [String])?
    /// The shapes of the inputs, given a size.
    let shapes: (Int) -> [Shape]
    let range: (low: Double, high: Double)
    let body: ([Tensor]) throws -> Tensor

    init(
        _ name: String, _ value: String, _ gradients: [String], _ shapes: @escaping (Int) -> [Shape],
        _ low: Double = -2, _ high: Double = 2, _ body: @escaping ([Tensor]) throws -> Tensor
    ) {
        self.init(name, (value, gradients), shapes, low, high, body)
    }

    /// Another form of the op above.
    init(
        form name: String, _ shapes: @escaping (Int) -> [Shape], _ low: Double = -2, _ high: Double = 2,
        _ body: @escaping ([Tensor]) throws -> Tensor
    ) {
        self.init(name, nil, shapes, low, high, body)
    }

    private init(
        _ name: String, _ formula: (String, [String])?, _ shapes: @escaping (Int) -> [Shape], _ low: Double,
        _ high: Double, _ body: @escaping ([Tensor]) throws -> Tensor
    ) {
        self.name = name
        self.formula = formula
        self.shapes = shapes
        range = (low, high)
        self.body = body
    }

    func inputs(_ size: Int) -> [(name: String, tensor: Tensor)] {
        shapes(size).enumerated().map {
            ("\($0)", Pattern.tensor("\(name)/\($0)", $1, range.low, range.high))
        }
    }

    /// All ops by family, in the order of the page.
    static let families: [(title: String, ops: [Op])] = [
        ("Functions of one element", functions), ("Arithmetic", arithmetic), ("Reductions", reductions),
        ("Rows", rows), ("Products", products), ("Attention", attention), ("Convolutions and pooling", windows),
        ("Normalisation of channels", channels), ("Losses", losses), ("Layout", layout), ("Order and choice", order),
    ]

    static let all: [Op] = families.flatMap(\.ops)

    static func one(_ size: Int) -> [Shape] { [[size, 7]] }
    static func two(_ size: Int) -> [Shape] { [[size, 7], [size, 7]] }

    /// Distances that keep every element the only largest, even when moved by a finite difference's step.
    static func ramp(_ shape: Shape) -> Tensor {
        let width = shape[-1]
        let values = (0..<shape.count).map { index -> Float in
            let step: Float = index < width ? 5 : 6
            return step * Float(index % width)
        }
        return Tensor(values, shape)
    }
}
