import KitCore

/// Two graphs of the same function differ, so that an extent cannot be left open.
package struct GraphMismatch: Error {
    /// "the op 'Reshape' in 'blocks.0' ...".
    package let reason: String
}

extension Graph {
    /// The graph without the extents in which two drawings of the same function differ: shapes that depend on them are
    /// copied, inferred or computed from the input's.
    ///
    /// - Parameter other: the same function, drawn with an input of other extents and other values.
    /// - Throws: `GraphMismatch` if anything else differs.
    package func withOpenExtents(_ other: Graph) throws -> Graph {
        var result = self
        result.nodes = []
        let input = zip(inputs[0].extents, other.inputs[0].extents).map { Extent(now: $0, other: $1) }
        // Constants whose extents follow the input's, by the edges that take their place.
        var replaced: [GraphEdge: GraphEdge] = [:]
        var map: [GraphEdge: GraphEdge] = [other.inputs[0].edge: inputs[0].edge]
        guard nodes.count == other.nodes.count else {
            throw GraphMismatch(reason: "the number of ops depends on the input's extents")
        }
        for (node, twin) in zip(nodes, other.nodes) {
            guard node.op == twin.op, node.inputs.count == twin.inputs.count,
                node.attributes.map(\.name) == twin.attributes.map(\.name),
                node.attributes.map(\.value) == twin.attributes.map(\.value), node.extents?.count == twin.extents?.count
            else { throw GraphMismatch(reason: "'\(node.name)' depends on the input's extents") }
            var node = node
            for (place, (edge, twinEdge)) in zip(node.inputs, twin.inputs).enumerated() {
                if let constant = constants[edge], let twinConstant = other.constants[twinEdge] {
                    guard !constant.isEqual(to: twinConstant) else { continue }
                    let repeated = try replaced[edge] ?? result.repeated(constant, twinConstant, in: node, input)
                    replaced[edge] = repeated
                    node.inputs[place] = repeated
                } else if map[twinEdge] != edge {
                    throw GraphMismatch(reason: "'\(node.name)' depends on the input's extents")
                }
            }
            map[twin.output] = node.output
            if let extents = node.extents, let twinExtents = twin.extents {
                let pairs = Array(zip(extents, twinExtents)).map { Extent(now: $0, other: $1) }
                let given = Array(zip(node.given, twin.given)).map { Extent(now: $0, other: $1) }
                node.inputs.append(try result.shapeInput(of: node.op, in: node.name, pairs, given, input))
            }
            result.nodes.append(node)
        }
        guard map[other.outputs[0].edge] == outputs[0].edge else {
            throw GraphMismatch(reason: "the result depends on the input's extents")
        }
        result.simplify()
        return result
    }

    /// An extent in both drawings.
    private struct Extent: Equatable {
        let now: Int
        let other: Int
        var isOpen: Bool { now != other }
    }

    /// The shape of a node's result.
    private mutating func shapeInput(
        of op: String, in place: String, _ extents: [Extent], _ given: [Extent], _ input: [Extent]
    ) throws -> GraphEdge {
        let isReshape = op == "Reshape"
        // 0 copies the input's extent, and so does 1 when an input is repeated.
        var values: [Int?] = extents.enumerated().map { axis, extent in
            if !extent.isOpen { return extent.now }
            let isSame =
                isReshape
                ? axis < given.count && given[axis] == extent
                : axis + given.count >= extents.count && given[axis + given.count - extents.count] == extent
            return isSame ? (isReshape ? 0 : 1) : nil
        }
        var open = values.indices.filter { values[$0] == nil }
        if isReshape, extents.filter(\.isOpen).count == 1, let only = extents.firstIndex(where: \.isOpen) {
            (values[only], open) = (-1, [])
        } else if isReshape, !open.isEmpty {
            // One can be inferred: one that the input does not have, if there is one.
            let inferred = open.last { !input.contains(extents[$0]) } ?? open[open.count - 1]
            values[inferred] = -1
            open.removeAll { $0 == inferred }
        }
        if open.isEmpty { return ints(values.map { $0! }) }
        var parts: [GraphEdge] = []
        for (axis, value) in values.enumerated() {
            if let value {
                parts.append(ints([value]))
                continue
            }
            guard let source = input.firstIndex(of: extents[axis]) else {
                throw GraphMismatch(reason: "'\(place)' has an extent that is not one of the input's")
            }
            parts.append(extent(source, of: inputs[0].edge, in: place))
        }
        return node("Concat", parts, [("axis", 0)], in: place)
    }

    /// A constant that is repeated along the axes in which the drawings differ, such as a class token for each sample.
    private mutating func repeated(
        _ constant: Constant, _ twin: Constant, in node: Node, _ input: [Extent]
    ) throws -> GraphEdge {
        let mismatch = GraphMismatch(reason: "'\(node.name)' uses values that depend on the input or its extents")
        guard case .floats(var tensor, nil) = constant, case .floats(var other, nil) = twin,
            tensor.shape.rank == other.shape.rank, tensor.shape != other.shape
        else { throw mismatch }
        let extents = zip(tensor.shape.extents, other.shape.extents).map { Extent(now: $0, other: $1) }
        for axis in extents.indices where extents[axis].isOpen {
            guard let once = try tensor.once(along: axis), let otherOnce = try other.once(along: axis) else {
                throw mismatch
            }
            (tensor, other) = (once, otherOnce)
        }
        guard tensor.hasBits(of: other) else { throw mismatch }
        let base = self.constant("\(node.name)/constant", .floats(tensor, order: nil))
        let given = tensor.shape.extents.map { Extent(now: $0, other: $0) }
        let shape = try shapeInput(of: "Expand", in: node.name, extents, given, input)
        return self.node("Expand", [base, shape], in: node.name)
    }

    /// An extent of an edge, [1].
    private mutating func extent(_ axis: Int, of edge: GraphEdge, in place: String) -> GraphEdge {
        let shape = node("Shape", [edge], in: place)
        return node("Gather", [shape, ints([axis])], [("axis", 0)], in: place)
    }
}

extension Graph.Constant {
    fileprivate func isEqual(to other: Graph.Constant) -> Bool {
        switch (self, other) {
        case (.ints(let values, let shape), .ints(let others, let otherShape)): values == others && shape == otherShape
        case (.floats(let tensor, let order), .floats(let other, let otherOrder)):
            tensor.shape == other.shape && order == otherOrder && tensor.hasBits(of: other)
        default: false
        }
    }
}

extension Tensor {
    /// What this tensor repeats along an axis, with extent 1 there; nil if it does not.
    fileprivate func once(along axis: Int) throws -> Tensor? {
        guard shape[axis] > 0 else { return nil }
        return try Autograd.noGrad {
            let first = try slice(axis: axis, 0..<1)
            return try first.broadcast(to: shape).hasBits(of: self) ? first.copied() : nil
        }
    }
}
