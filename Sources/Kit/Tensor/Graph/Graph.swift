import KitCore

/// An edge of a graph: a value that nodes read and one node, the graph's input or a constant provides.
public typealias GraphEdge = Int

/// A value that a node has besides its inputs.
public enum GraphAttribute: Equatable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringLiteral
{
    case int(Int)
    case ints([Int])
    case float(Float)
    case string(String)

    public init(integerLiteral value: Int) { self = .int(value) }
    public init(arrayLiteral elements: Int...) { self = .ints(elements) }
    public init(stringLiteral value: String) { self = .string(value) }
}

/// A function of tensors as nodes, whose operators and attributes are those of ONNX (opset 17).
package struct Graph {
    package struct Node {
        package let op: String
        package var name: String
        package var inputs: [GraphEdge]
        package let output: GraphEdge
        package let attributes: [(name: String, value: GraphAttribute)]
        /// The extents of the result, for nodes that get a shape as their last input once the graph is complete.
        package var extents: [Int]?
        /// The extents of the first input, in the order of the graph, for the same nodes.
        package var given: [Int] = []
    }

    /// A value that does not depend on the graph's inputs.
    package enum Constant {
        /// A tensor, with its axes in another order if that is not nil.
        case floats(Tensor, order: [Int]?)
        case ints([Int], shape: [Int])

        package var extents: [Int] {
            switch self {
            case .floats(let tensor, let order): order.map { $0.map { tensor.shape[$0] } } ?? tensor.shape.extents
            case .ints(_, let shape): shape
            }
        }
    }

    package var nodes: [Node] = []
    package var constants: [GraphEdge: Constant] = [:]
    /// The inputs with the extents that they had while the graph was drawn.
    package var inputs: [(edge: GraphEdge, extents: [Int])] = []
    package var outputs: [(edge: GraphEdge, extents: [Int])] = []
    /// The name of each edge.
    package private(set) var names: [String] = []
    private var takenNames: Set<String> = []

    package init() {}

    /// A new edge whose name begins with this.
    package mutating func edge(_ name: String) -> GraphEdge {
        var unique = name
        var number = 1
        while !takenNames.insert(unique).inserted {
            unique = "\(name)_\(number)"
            number += 1
        }
        names.append(unique)
        return names.count - 1
    }

    /// Adds a node, whose name is that of its output.
    package mutating func node(
        _ op: String, _ inputs: [GraphEdge], _ attributes: [(name: String, value: GraphAttribute)] = [],
        in place: String
    ) -> GraphEdge {
        let output = edge(place.isEmpty ? op : "\(place)/\(op)")
        nodes.append(Node(op: op, name: names[output], inputs: inputs, output: output, attributes: attributes))
        return output
    }

    package mutating func constant(_ name: String, _ value: Constant) -> GraphEdge {
        let edge = edge(name)
        constants[edge] = value
        return edge
    }

    /// Whole numbers, such as axes; the same edge for the same numbers.
    package mutating func ints(_ values: [Int], shape: [Int]? = nil) -> GraphEdge {
        let shape = shape ?? [values.count]
        for (edge, constant) in constants {
            if case .ints(values, shape) = constant { return edge }
        }
        let text = values.count <= 6 ? values.map(String.init).joined(separator: "_") : "\(values.count)_numbers"
        return constant("ints_\(text)", .ints(values, shape: shape))
    }

    /// A number; the same edge for the same one.
    package mutating func scalar(_ value: Float) -> GraphEdge {
        for (edge, constant) in constants {
            if case .floats(let tensor, nil) = constant, tensor.shape.rank == 0,
                tensor.pointer[0].bitPattern == value.bitPattern
            {
                return edge
            }
        }
        return constant("number_\(value)", .floats(Tensor(value), order: nil))
    }

    /// Replaces the name of an edge, which must be new.
    package mutating func rename(_ edge: GraphEdge, _ name: String) {
        takenNames.remove(names[edge])
        takenNames.insert(name)
        names[edge] = name
    }

    /// Joins transpositions that follow each other, and removes nodes and constants that no output needs.
    package mutating func simplify() {
        var producers: [GraphEdge: Int] = [:]
        var same: [GraphEdge: GraphEdge] = [:]
        for index in nodes.indices {
            nodes[index].inputs = nodes[index].inputs.map { same[$0] ?? $0 }
            producers[nodes[index].output] = index
            guard nodes[index].op == "Transpose", case .ints(var order)? = nodes[index].attributes.first?.value else {
                continue
            }
            if let before = producers[nodes[index].inputs[0]], nodes[before].op == "Transpose",
                case .ints(let first)? = nodes[before].attributes.first?.value
            {
                order = order.map { first[$0] }
                let (node, source) = (nodes[index], nodes[before].inputs[0])
                nodes[index] = Node(
                    op: node.op, name: node.name, inputs: [source], output: node.output,
                    attributes: [("perm", .ints(order))])
            }
            if order == Array(order.indices) { same[nodes[index].output] = nodes[index].inputs[0] }
        }
        outputs = outputs.map { (same[$0.edge] ?? $0.edge, $0.extents) }
        var needed = Set(outputs.map(\.edge))
        for node in nodes.reversed() where needed.contains(node.output) { needed.formUnion(node.inputs) }
        nodes.removeAll { !needed.contains($0.output) }
        constants = constants.filter { needed.contains($0.key) }
    }

    /// Appends the nodes of another graph, whose only input is this edge of this graph. Its outputs become those of this
    /// graph.
    package mutating func append(_ other: Graph, to source: GraphEdge) {
        var map = [other.inputs[0].edge: source]
        for (edge, value) in other.constants.sorted(by: { $0.key < $1.key }) {
            if case .ints(let values, let shape) = value {
                map[edge] = ints(values, shape: shape)
            } else {
                map[edge] = constant(other.names[edge], value)
            }
        }
        for node in other.nodes {
            let output = edge(other.names[node.output])
            map[node.output] = output
            nodes.append(
                Node(
                    op: node.op, name: names[output], inputs: node.inputs.map { map[$0]! }, output: output,
                    attributes: node.attributes))
        }
        outputs = other.outputs.map { (map[$0.edge]!, $0.extents) }
    }
}
