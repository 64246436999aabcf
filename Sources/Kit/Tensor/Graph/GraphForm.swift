import KitCore

/// How an op is drawn: it adds nodes to a graph and says which edge has the result.
///
///     result.recorded("relu", [self], form: .unary("Relu")) { ... }
///
/// An op without a form cannot be exported, and the message names it.
public struct GraphForm {
    /// The result of an op: its edge, with the axes as in the kit or with channels as the second axis.
    public enum Result {
        case plain(GraphEdge)
        case channelsFirst(GraphEdge)

        func named(_ tape: GraphTape, _ shape: Shape) -> GraphValue {
            switch self {
            case .plain(let edge): GraphValue(tape, shape, plain: edge)
            case .channelsFirst(let edge): GraphValue(tape, shape, channelsFirst: edge)
            }
        }
    }

    let draw: (_ tape: GraphTape, _ inputs: [GraphValue]) throws -> Result

    public init(_ draw: @escaping (_ tape: GraphTape, _ inputs: [GraphValue]) throws -> Result) { self.draw = draw }

    /// An operator that maps each element by itself, from one input.
    public static func unary(_ op: String) -> GraphForm {
        elementwise { tape, edge in tape.node(op, [edge]) }
    }

    /// Operators that map each element by itself, from one input.
    public static func elementwise(_ body: @escaping (GraphTape, GraphEdge) -> GraphEdge) -> GraphForm {
        GraphForm { tape, inputs in
            inputs[0].isMap
                ? .channelsFirst(body(tape, tape.channelsFirst(inputs[0]))) : .plain(body(tape, tape.plain(inputs[0])))
        }
    }

    /// An operator of an input and a number.
    public static func number(_ op: String, _ number: Float, isFirst: Bool = false) -> GraphForm {
        elementwise { tape, edge in
            let number = tape.number(number)
            return tape.node(op, isFirst ? [number, edge] : [edge, number])
        }
    }

    /// An operator of two inputs that are broadcast to each other.
    public static func binary(_ op: String) -> GraphForm {
        GraphForm { tape, inputs in
            let (a, b) = (inputs[0], inputs[1])
            if a.shape.rank == b.shape.rank, a.isMap || b.isMap {
                return .channelsFirst(tape.node(op, [tape.channelsFirst(a), tape.channelsFirst(b)]))
            }
            return .plain(tape.node(op, [tape.plain(a), tape.plain(b)]))
        }
    }

    /// x sigmoid(x).
    static var swish: GraphForm { elementwise { tape, x in tape.node("Mul", [x, tape.node("Sigmoid", [x])]) } }

    /// x (1 + erf(x / sqrt(2))) / 2.
    static var gelu: GraphForm {
        elementwise { tape, x in
            let erf = tape.node("Erf", [tape.node("Mul", [x, tape.number(Float(0.5).squareRoot())])])
            let share = tape.node("Mul", [tape.node("Add", [erf, tape.number(1)]), tape.number(0.5)])
            return tape.node("Mul", [x, share])
        }
    }

    /// The same elements in another shape.
    static func reshape(_ target: Shape) -> GraphForm {
        GraphForm { tape, inputs in
            .plain(tape.shaping("Reshape", tape.plain(inputs[0]), from: inputs[0].shape, to: target.extents))
        }
    }

    static func broadcast(_ target: Shape) -> GraphForm {
        GraphForm { tape, inputs in
            .plain(tape.shaping("Expand", tape.plain(inputs[0]), from: inputs[0].shape, to: target.extents))
        }
    }

    static func permute(_ order: [Int]) -> GraphForm {
        GraphForm { tape, inputs in .plain(tape.node("Transpose", [tape.plain(inputs[0])], [("perm", .ints(order))])) }
    }

    static func slice(_ axis: Int, _ range: Range<Int>) -> GraphForm {
        GraphForm { tape, inputs in .plain(tape.slice(tape.plain(inputs[0]), inputs[0].shape, axis, range)) }
    }

    static func gather(_ rows: [Int]) -> GraphForm {
        GraphForm { tape, inputs in
            .plain(tape.node("Gather", [tape.plain(inputs[0]), tape.ints(rows)], [("axis", 0)]))
        }
    }

    static func concat(_ axis: Int) -> GraphForm {
        GraphForm { tape, inputs in
            guard inputs.allSatisfy(\.isMap) else {
                return .plain(tape.node("Concat", inputs.map(tape.plain), [("axis", .int(axis))]))
            }
            let place = axis == 0 ? 0 : axis == inputs[0].shape.rank - 1 ? 1 : axis + 1
            return .channelsFirst(tape.node("Concat", inputs.map(tape.channelsFirst), [("axis", .int(place))]))
        }
    }

    /// A reduction over axes, which gets them as an attribute, or as an input if it is a sum.
    static func reduction(_ op: String, _ isReduced: [Bool], keepDims: Bool) -> GraphForm {
        GraphForm { tape, inputs in
            let axes = isReduced.indices.filter { isReduced[$0] }
            let keep = ("keepdims", GraphAttribute.int(keepDims ? 1 : 0))
            let x = tape.plain(inputs[0])
            return .plain(
                op == "ReduceSum"
                    ? tape.node(op, [x, tape.ints(axes)], [keep]) : tape.node(op, [x], [("axes", .ints(axes)), keep]))
        }
    }

    /// An operator along the last axis.
    static func alongLast(_ op: String) -> GraphForm {
        GraphForm { tape, inputs in .plain(tape.node(op, [tape.plain(inputs[0])], [("axis", -1)])) }
    }

    /// x weightᵀ + bias.
    static var linear: GraphForm {
        GraphForm { tape, inputs in
            let bias = inputs.dropFirst(2).map(tape.plain)
            if inputs[0].shape.rank == 2 {
                return .plain(
                    tape.node("Gemm", [tape.plain(inputs[0]), tape.plain(inputs[1])] + bias, [("transB", 1)]))
            }
            let product = tape.node("MatMul", [tape.plain(inputs[0]), tape.transposed(inputs[1])])
            return .plain(bias.isEmpty ? product : tape.node("Add", [product] + bias))
        }
    }

    static func matmul(_ transposeA: Bool, _ transposeB: Bool) -> GraphForm {
        GraphForm { tape, inputs in
            .plain(
                tape.node(
                    "MatMul",
                    [
                        transposeA ? tape.transposed(inputs[0]) : tape.plain(inputs[0]),
                        transposeB ? tape.transposed(inputs[1]) : tape.plain(inputs[1]),
                    ]))
        }
    }
}

extension GraphTape {
    /// Swaps the last two axes.
    func transposed(_ value: GraphValue) -> GraphEdge {
        let rank = value.shape.rank
        let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
        if let tensor = value.constant { return constant(tensor, order: order) }
        return node("Transpose", [plain(value)], [("perm", .ints(order))])
    }

    /// Part of an axis. A range to the end stays one if the axis has another extent.
    func slice(_ edge: GraphEdge, _ shape: Shape, _ axis: Int, _ range: Range<Int>) -> GraphEdge {
        let end = range.upperBound == shape[axis] ? Int(Int32.max) : range.upperBound
        return node("Slice", [edge, ints([range.lowerBound]), ints([end]), ints([axis])])
    }
}
