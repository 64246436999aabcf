import Kit
import Testing

/// Computes a graph with the kit's ops, for the operators of convolutional networks.
struct GraphInterpreter {
    let graph: Graph

    func callAsFunction(_ input: Tensor) throws -> Tensor {
        var values: [GraphEdge: Tensor] = [graph.inputs[0].edge: input]
        var ints: [GraphEdge: [Int]] = [:]
        for (edge, constant) in graph.constants {
            switch constant {
            case .floats(let tensor, let order): values[edge] = try order.map { try tensor.permuted($0) } ?? tensor
            case .ints(let numbers, _): ints[edge] = numbers
            }
        }
        for node in graph.nodes {
            func value(_ index: Int) throws -> Tensor { try #require(values[node.inputs[index]], "\(node.name)") }
            func numbers(_ name: String) -> [Int] {
                guard case .ints(let numbers)? = node.attributes.first(where: { $0.name == name })?.value else {
                    return []
                }
                return numbers
            }
            let x = try value(0)
            switch node.op {
            case "Transpose": values[node.output] = try x.permuted(numbers("perm"))
            case "Relu": values[node.output] = x.relu()
            case "Add": values[node.output] = try x + value(1)
            case "Flatten": values[node.output] = try x.flattened(from: 1)
            case "GlobalAveragePool":
                values[node.output] = try x.mean(Array(2..<x.shape.rank), keepDims: true)
            case "Reshape":
                let target = try #require(ints[node.inputs[1]], "\(node.name)")
                values[node.output] = try x.reshaped(
                    Shape(target.enumerated().map { $1 == 0 ? x.shape[$0] : $1 }))
            case "BatchNormalization":
                let rank = x.shape.rank
                let channels = [1, x.shape[1]] + [Int](repeating: 1, count: rank - 2)
                let (scale, shift) = try (value(1).reshaped(Shape(channels)), value(2).reshaped(Shape(channels)))
                let (mean, variance) = try (value(3).reshaped(Shape(channels)), value(4).reshaped(Shape(channels)))
                values[node.output] = try (x - mean) / (variance + 1e-5).sqrt() * scale + shift
            case "Conv":
                let rank = x.shape.rank
                let padding = Array(numbers("pads").prefix(rank - 2))
                let last = [0] + (2..<rank) + [1]
                let result = try x.permuted(last).conv3d(
                    weight: value(1).permuted(last), stride: numbers("strides"), padding: padding)
                values[node.output] = try result.permuted([0, rank - 1] + (1..<rank - 1))
            default: Issue.record("the interpreter has no \(node.op)")
            }
        }
        return try #require(values[graph.outputs[0].edge])
    }
}
