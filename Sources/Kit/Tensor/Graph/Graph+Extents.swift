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
        var map: [GraphEdge: GraphEdge] = [other.inputs[0].edge: inputs[0].edge]
        guard nodes.count == other.nodes.count else {
            throw GraphMismatch(reason: "the number of ops depends on the input's extents")
        }
        for (node, twin) in zip(nodes, other.nodes) {
            guard node.op == twin.op, node.inputs.count == twin.inputs.count,
                node.attributes.map(\.name) == twin.attributes.map(\.name),
                node.attributes.map(\.value) == twin.attributes.map(\.value), node.extents?.count == twin.extents?.count
            else { throw GraphMismatch(reason: "'\(node.name)' depends on the input's extents") }
            for (edge, twinEdge) in zip(node.inputs, twin.inputs) {
                if let constant = constants[edge], let twinConstant = other.constants[twinEdge] {
                    guard constant.isEqual(to: twinConstant) else {
                        throw GraphMismatch(
                            reason: "'\(node.name)' uses values that depend on the input or its extents")
                    }
                } else if map[twinEdge] != edge {
                    throw GraphMismatch(reason: "'\(node.name)' depends on the input's extents")
                }
            }
            map[twin.output] = node.output
            var node = node
            if let extents = node.extents, let twinExtents = twin.extents {
                let pairs = Array(zip(extents, twinExtents)).map { Extent(now: $0, other: $1) }
                let given = Array(zip(node.given, twin.given)).map { Extent(now: $0, other: $1) }
                node.inputs.append(try result.shapeInput(of: node, pairs, given, inputs[0].edge, inputExtents(other)))
            }
            result.nodes.append(node)
        }
        guard map[other.outputs[0].edge] == outputs[0].edge else {
            throw GraphMismatch(reason: "the result depends on the input's extents")
        }
        return result
    }

    /// An extent in both drawings.
    private struct Extent: Equatable {
        let now: Int
        let other: Int
        var isOpen: Bool { now != other }
    }

    private func inputExtents(_ other: Graph) -> [Extent] {
        zip(inputs[0].extents, other.inputs[0].extents).map { Extent(now: $0, other: $1) }
    }

    /// The shape of a node's result.
    private mutating func shapeInput(
        of node: Node, _ extents: [Extent], _ given: [Extent], _ input: GraphEdge, _ inputExtents: [Extent]
    ) throws -> GraphEdge {
        let isReshape = node.op == "Reshape"
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
            let inferred = open.last { !inputExtents.contains(extents[$0]) } ?? open[open.count - 1]
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
            guard let place = inputExtents.firstIndex(of: extents[axis]) else {
                throw GraphMismatch(reason: "'\(node.name)' has an extent that is not one of the input's")
            }
            parts.append(extent(place, of: input, in: node.name))
        }
        return self.node("Concat", parts, [("axis", 0)], in: node.name)
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
