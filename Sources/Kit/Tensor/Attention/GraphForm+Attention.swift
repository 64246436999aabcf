import KitCore

extension GraphForm {
    /// The inputs are queries, keys and values [batch, tokens, heads x width], and perhaps position terms.
    static func attention(_ tiles: AttentionTiles) -> GraphForm {
        GraphForm { tape, inputs in
            func heads(_ value: GraphValue, _ order: [Int]) -> GraphEdge {
                let target = [value.shape[0], value.shape[1], tiles.heads, value.shape[2] / tiles.heads]
                let split = tape.shaping("Reshape", tape.plain(value), from: value.shape, to: target)
                return tape.node("Transpose", [split], [("perm", .ints(order))])
            }
            let products = tape.node("MatMul", [heads(inputs[0], [0, 2, 1, 3]), heads(inputs[1], [0, 2, 3, 1])])
            var scores = tape.node("Mul", [products, tape.number(tiles.scale)])
            if inputs.count > 3, let places = tiles.places {
                let terms = heads(inputs[3], [0, 2, 1, 3])
                let matrix = Tensor(places.matrix(0..<tiles.keys), offset: 0, shape: [places.count, tiles.keys])
                scores = tape.node("Add", [scores, tape.node("MatMul", [terms, tape.constant(matrix)])])
            }
            let shares = tape.node("Softmax", [scores], [("axis", -1)])
            let mixed = tape.node(
                "Transpose", [tape.node("MatMul", [shares, heads(inputs[2], [0, 2, 1, 3])])], [("perm", [0, 2, 1, 3])])
            let shape = inputs[0].shape
            let split: Shape = [shape[0], shape[1], tiles.heads, tiles.width]
            let result = tape.shaping("Reshape", mixed, from: split, to: shape.extents)
            let queries = tape.plain(inputs[0])
            switch tiles.added {
            case .none: return .plain(result)
            case .all: return .plain(tape.node("Add", [result, queries]))
            case .allButFirst:
                let rest = 1..<shape[1]
                let sum = tape.node(
                    "Add", [tape.slice(result, shape, 1, rest), tape.slice(queries, shape, 1, rest)])
                return .plain(tape.node("Concat", [tape.slice(result, shape, 1, 0..<1), sum], [("axis", 1)]))
            }
        }
    }

    /// The inputs are queries [batch, leading + grid, heads x width] and for each axis rows [places x places of keys, width].
    static func relativePositions(_ terms: RelativeTerms) -> GraphForm {
        GraphForm { tape, inputs in
            let shape = inputs[0].shape
            let count = Shape.product(terms.grid)
            var queries = tape.plain(inputs[0])
            if terms.leading > 0 { queries = tape.slice(queries, shape, 1, terms.leading..<shape[1]) }
            let axes = Array("tuvxyz".prefix(terms.grid.count)).map(String.init)
            let grid = tape.shaping(
                "Reshape", queries, from: [shape[0], count, shape[2]],
                to: [shape[0]] + terms.grid + [terms.heads, terms.width])
            var parts: [GraphEdge] = []
            for (axis, rows) in inputs.dropFirst().enumerated() {
                guard let table = rows.constant else {
                    throw KitError.usage("the op 'relative positions' has no form in ONNX graphs with computed tables")
                }
                let places = try Autograd.noGrad {
                    try table.reshaped([terms.grid[axis], terms.keyGrid[axis], terms.width])
                }
                let letters = axes.joined()
                parts.append(
                    tape.node(
                        "Einsum", [grid, tape.constant(places)],
                        [("equation", .string("b\(letters)nd,\(axes[axis])kd->b\(letters)nk"))]))
            }
            let last = terms.grid.count + 2
            let joined = parts.count == 1 ? parts[0] : tape.node("Concat", parts, [("axis", .int(last))])
            let flat = tape.shaping(
                "Reshape", joined, from: Shape([shape[0]] + terms.grid + [terms.heads, terms.places]),
                to: [shape[0], count, terms.heads * terms.places])
            guard terms.leading > 0 else { return .plain(flat) }
            return .plain(
                tape.node("Pad", [flat, tape.ints([0, terms.leading, 0, 0, 0, 0]), tape.number(0)]))
        }
    }

    /// The inputs are tokens [batch, leading + grid, heads x width] and the weight [width, kernel.., 1] of a head.
    static func pooledTokens(heads: Int, grid: [Int], pooled: [Int], stride: [Int], leading: Int) -> GraphForm {
        GraphForm { tape, inputs in
            guard let weight = inputs[1].constant else {
                throw KitError.usage("the op 'token pool' has no form in ONNX graphs with a computed weight")
            }
            let shape = inputs[0].shape
            let (batch, features) = (shape[0], shape[2])
            let all = tape.plain(inputs[0])
            let tokens = leading > 0 ? tape.slice(all, shape, 1, leading..<shape[1]) : all
            let map = tape.shaping(
                "Reshape", tokens, from: [batch, Shape.product(grid), features], to: [batch] + grid + [features])
            let kernel = Array(weight.shape.extents[1...3])
            let padding = kernel.map { $0 / 2 }
            let repeated =
                try heads == 1 ? weight : Autograd.noGrad { try .concat(.init(repeating: weight, count: heads)) }
            let channels = tape.node("Transpose", [map], [("perm", [0, 4, 1, 2, 3])])
            let convolved = tape.node(
                "Conv", [channels, tape.constant(repeated, order: [0, 4, 1, 2, 3])],
                [
                    ("kernel_shape", .ints(kernel)), ("strides", .ints(stride)), ("pads", .ints(padding + padding)),
                    ("group", .int(features)),
                ])
            let flat = tape.shaping(
                "Reshape", tape.node("Transpose", [convolved], [("perm", [0, 2, 3, 4, 1])]),
                from: Shape([batch] + pooled + [features]), to: [batch, Shape.product(pooled), features])
            guard leading > 0 else { return .plain(flat) }
            return .plain(tape.node("Concat", [tape.slice(all, shape, 1, 0..<leading), flat], [("axis", 1)]))
        }
    }
}
