import KitCore

/// Draws a forward pass as a graph, op by op, while it is active on this thread.
///
/// Each op says with its `GraphForm` how it is drawn. Ops whose inputs are all constants are not drawn: their results are
/// constants. Maps between convolutions are drawn with channels as the second axis, as ONNX has them.
public final class GraphTape {
    private static let local = ThreadLocal()
    /// The tape of this thread; nil most of the time.
    public static var active: GraphTape? {
        local.pointer.map { Unmanaged<GraphTape>.fromOpaque($0).takeUnretainedValue() }
    }

    package private(set) var graph = Graph()
    private let modules: [ObjectIdentifier: String]
    /// Names of parameters and buffers by where their values are.
    private var tensorNames: [Memory: String] = [:]
    private var constants: [ConstantKey: GraphEdge] = [:]
    private var places: [String] = []
    private var failure: (any Error)?

    /// The place of a tensor's values.
    private struct Memory: Hashable {
        let storage: ObjectIdentifier
        let offset: Int
        let count: Int

        init(_ tensor: Tensor) {
            (storage, offset, count) = (ObjectIdentifier(tensor.storage), tensor.offset, tensor.count)
        }
    }

    private struct ConstantKey: Hashable {
        let memory: Memory
        let shape: Shape
        let order: [Int]?
    }

    /// - Parameters:
    ///   - modules: the names of modules by identity, which become the names of nodes.
    ///   - tensors: parameters and buffers, whose names those of constants become.
    package init(modules: [ObjectIdentifier: String], tensors: [(name: String, tensor: Tensor)]) {
        self.modules = modules
        for (name, tensor) in tensors { tensorNames[Memory(tensor)] = name }
    }

    /// Draws what `body` computes from an input.
    package func draw(_ input: Tensor, named name: String, output: String, _ body: (Tensor) throws -> Tensor) throws
        -> Graph
    {
        let edge = graph.edge(name)
        graph.inputs = [(edge, input.shape.extents)]
        input.drawn = GraphValue(self, input.shape, plain: edge)
        let result = try Self.local.with(Unmanaged.passUnretained(self).toOpaque()) { try body(input) }
        if let failure { throw failure }
        guard let value = result.drawn, value.tape === self else {
            throw KitError.usage("the result does not depend on the input")
        }
        let last = plain(value)
        if last == edge { throw KitError.usage("the result is the input") }
        graph.outputs = [(last, result.shape.extents)]
        graph.simplify()
        if graph.nodes.contains(where: { $0.output == graph.outputs[0].edge }) {
            graph.rename(graph.outputs[0].edge, output)
        }
        return graph
    }

    /// Runs the body of a module, which gives its ops their names.
    static func layer<Result>(_ module: AnyObject, _ body: () throws -> Result) rethrows -> Result {
        guard let active, let name = active.modules[ObjectIdentifier(module)] else { return try body() }
        active.places.append(name)
        defer { active.places.removeLast() }
        return try body()
    }

    /// Draws an op that has just been computed.
    func note(_ operation: String, _ inputs: [Tensor], _ result: Tensor, _ form: GraphForm?) {
        let values = inputs.map(value)
        guard values.contains(where: { $0.constant == nil }), failure == nil else { return }
        do {
            guard let form else {
                throw KitError.usage(
                    "the op '\(operation)'\(place.isEmpty ? "" : " in '\(place)'") has no form in ONNX graphs")
            }
            let value = try form.draw(self, values)
            result.drawn = value.named(self, result.shape)
        } catch { failure = error }
    }

    /// Draws a result in another way than the ops that computed it.
    func redraw(_ result: Tensor, from inputs: [Tensor], as form: GraphForm) { note("", inputs, result, form) }

    private var place: String { places.last ?? "" }

    /// The value of a tensor: what was drawn, or a constant.
    public func value(of tensor: Tensor) -> GraphValue {
        if let drawn = tensor.drawn, drawn.tape === self { return drawn }
        return GraphValue(self, constant: tensor)
    }

    /// The edge of a value with its axes as in the kit.
    public func plain(_ value: GraphValue) -> GraphEdge {
        if let edge = value.plain { return edge }
        if let tensor = value.constant { return constant(tensor, order: nil) }
        let rank = value.shape.rank
        let edge = node("Transpose", [value.channelsFirst!], [("perm", .ints([0] + (2..<rank) + [1]))])
        value.plain = edge
        return edge
    }

    /// The edge of a value with its last axis as the second: [batch, channels, ..].
    public func channelsFirst(_ value: GraphValue) -> GraphEdge {
        if let edge = value.channelsFirst { return edge }
        let rank = value.shape.rank
        guard rank > 2 else { return plain(value) }
        let order = [0, rank - 1] + (1..<rank - 1)
        if let tensor = value.constant { return constant(tensor, order: order) }
        let edge = node("Transpose", [plain(value)], [("perm", .ints(order))])
        value.channelsFirst = edge
        return edge
    }

    /// Adds a node in the module that runs.
    public func node(
        _ op: String, _ inputs: [GraphEdge], _ attributes: [(name: String, value: GraphAttribute)] = []
    ) -> GraphEdge { graph.node(op, inputs, attributes, in: place) }

    /// Adds a node that gets the extents of its result as its last input.
    ///
    /// - Parameter given: the extents of the input.
    func shaping(_ op: String, _ input: GraphEdge, from given: Shape, to extents: [Int]) -> GraphEdge {
        let edge = node(op, [input])
        graph.nodes[graph.nodes.count - 1].extents = extents
        graph.nodes[graph.nodes.count - 1].given = given.extents
        return edge
    }

    public func ints(_ values: [Int]) -> GraphEdge { graph.ints(values) }
    public func number(_ value: Float) -> GraphEdge { graph.scalar(value) }

    /// A constant tensor. Parameters have their names; others are called after the place where they are used.
    public func constant(_ tensor: Tensor, order: [Int]? = nil) -> GraphEdge {
        let key = ConstantKey(memory: Memory(tensor), shape: tensor.shape, order: order)
        if let edge = constants[key] { return edge }
        let known = tensorNames[key.memory]
        if known == nil, let edge = equal(tensor, order) { return edge }
        let edge = graph.constant(
            known ?? (place.isEmpty ? "constant" : "\(place)/constant"), .floats(tensor, order: order))
        constants[key] = edge
        return edge
    }

    /// A constant that was computed before with the same values.
    private func equal(_ tensor: Tensor, _ order: [Int]?) -> GraphEdge? {
        graph.constants.first { _, constant in
            guard case .floats(let other, order) = constant else { return false }
            return other.shape == tensor.shape && tensorNames[Memory(other)] == nil && other.hasBits(of: tensor)
        }?.key
    }
}

/// A tensor in a graph: a constant, or edges with its axes in one or both of two orders.
public final class GraphValue {
    private(set) weak var tape: GraphTape?
    /// The extents, in the order of the kit's axes.
    public let shape: Shape
    /// The tensor if it does not depend on the graph's inputs.
    public let constant: Tensor?
    fileprivate(set) var plain: GraphEdge?
    fileprivate(set) var channelsFirst: GraphEdge?

    init(_ tape: GraphTape, _ shape: Shape, plain: GraphEdge? = nil, channelsFirst: GraphEdge? = nil) {
        (self.tape, self.shape, self.plain, self.channelsFirst) = (tape, shape, plain, channelsFirst)
        constant = nil
    }

    init(_ tape: GraphTape, constant: Tensor) {
        (self.tape, shape, self.constant) = (tape, constant.shape, constant)
    }

    /// Whether it is a map with channels as the second axis.
    var isMap: Bool { channelsFirst != nil }
}

extension Tensor {
    /// Whether another tensor of this shape has the same bits.
    package func hasBits(of other: Tensor) -> Bool {
        if storage === other.storage, offset == other.offset { return true }
        let (a, b) = (UnsafeRawPointer(pointer), UnsafeRawPointer(other.pointer))
        return UnsafeRawBufferPointer(start: a, count: count * 4).elementsEqual(
            UnsafeRawBufferPointer(start: b, count: count * 4))
    }
}
