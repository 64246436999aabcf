import KitCore

/// Convolutions, pools and norms, whose maps have channels as the second axis.
extension GraphForm {
    /// The inputs are x, the weight [out, kernel.., in / groups] and perhaps a bias.
    static func convolution(stride: [Int], padding: [Int], groups: Int) -> GraphForm {
        GraphForm { tape, inputs in
            let kernel = Array(inputs[1].shape.extents.dropFirst().dropLast())
            let edges =
                [tape.channelsFirst(inputs[0]), tape.channelsFirst(inputs[1])] + inputs.dropFirst(2).map(tape.plain)
            return .channelsFirst(
                tape.node(
                    "Conv", edges,
                    [
                        ("kernel_shape", .ints(kernel)), ("strides", .ints(stride)), ("pads", .ints(padding + padding)),
                        ("group", .int(groups)),
                    ]))
        }
    }

    static func pool(_ op: String, kernel: [Int], stride: [Int], padding: [Int]) -> GraphForm {
        GraphForm { tape, inputs in
            var attributes: [(name: String, value: GraphAttribute)] = [
                ("kernel_shape", .ints(kernel)), ("strides", .ints(stride)), ("pads", .ints(padding + padding)),
            ]
            if op == "AveragePool" { attributes.append(("count_include_pad", 1)) }
            return .channelsFirst(tape.node(op, [tape.channelsFirst(inputs[0])], attributes))
        }
    }

    /// The inputs are x, scale, shift and perhaps a residual, which is added before the activation.
    static func batchNorm(mean: Tensor, variance: Tensor, epsilon: Float, _ activation: Activation) -> GraphForm {
        GraphForm { tape, inputs in
            let edges =
                [tape.channelsFirst(inputs[0]), tape.plain(inputs[1]), tape.plain(inputs[2])]
                + [tape.constant(mean), tape.constant(variance)]
            var x = tape.node("BatchNormalization", edges, [("epsilon", .float(epsilon))])
            if inputs.count > 3 { x = tape.node("Add", [x, tape.channelsFirst(inputs[3])]) }
            switch activation {
            case .none: break
            case .relu: x = tape.node("Relu", [x])
            case .swish: x = tape.node("Mul", [x, tape.node("Sigmoid", [x])])
            }
            return inputs[0].shape.rank > 2 ? .channelsFirst(x) : .plain(x)
        }
    }

    /// The inputs are x and perhaps weight and bias.
    static func layerNorm(_ weight: Tensor, _ bias: Tensor, epsilon: Float) -> GraphForm {
        GraphForm { tape, inputs in
            .plain(
                tape.node(
                    "LayerNormalization", [tape.plain(inputs[0]), tape.constant(weight), tape.constant(bias)],
                    [("axis", -1), ("epsilon", .float(epsilon))]))
        }
    }

    static func globalMean(keepDims: Bool) -> GraphForm {
        GraphForm { tape, inputs in
            let mean = tape.node("GlobalAveragePool", [tape.channelsFirst(inputs[0])])
            return keepDims ? .channelsFirst(mean) : .plain(tape.node("Flatten", [mean], [("axis", 1)]))
        }
    }

    /// swish(x gate) for a map x and a gate [batch, .., channels].
    static var gatedSwish: GraphForm {
        GraphForm { tape, inputs in
            let rank = inputs[0].shape.rank
            var gate = tape.channelsFirst(inputs[1])
            let missing = rank - inputs[1].shape.rank
            if missing > 0 { gate = tape.node("Unsqueeze", [gate, tape.ints(Array(rank - missing..<rank))]) }
            let x = tape.node("Mul", [tape.channelsFirst(inputs[0]), gate])
            return .channelsFirst(tape.node("Mul", [x, tape.node("Sigmoid", [x])]))
        }
    }

    /// x divided by its length along the last axis, which is at least `epsilon`.
    static func normalize(epsilon: Float) -> GraphForm {
        GraphForm { tape, inputs in
            let x = tape.plain(inputs[0])
            let length = tape.node("ReduceL2", [x], [("axes", [-1]), ("keepdims", 1)])
            return .plain(tape.node("Div", [x, tape.node("Max", [length, tape.number(epsilon)])]))
        }
    }

    /// The mean squared distance from the mean, times a factor for the correction.
    static func variance(_ isReduced: [Bool], factor: Float, keepDims: Bool) -> GraphForm {
        GraphForm { tape, inputs in
            let axes = GraphAttribute.ints(isReduced.indices.filter { isReduced[$0] })
            let x = tape.plain(inputs[0])
            let centred = tape.node("Sub", [x, tape.node("ReduceMean", [x], [("axes", axes), ("keepdims", 1)])])
            let mean = tape.node(
                "ReduceMean", [tape.node("Mul", [centred, centred])],
                [("axes", axes), ("keepdims", .int(keepDims ? 1 : 0))])
            return .plain(factor == 1 ? mean : tape.node("Mul", [mean, tape.number(factor)]))
        }
    }

    /// The inputs are gates [batch, time, 4 hidden], whose order is input, forget, cell, output, and a weight
    /// [4 hidden, hidden].
    static func lstm(hidden: Int, isReversed: Bool) -> GraphForm {
        GraphForm { tape, inputs in
            guard let weight = inputs[1].constant else {
                throw KitError.usage("the op 'lstm' has no form in ONNX graphs with a weight that depends on the input")
            }
            // ONNX's order is input, output, forget, cell; the gates are already multiplied by the input's weight.
            let rows = [0, 3, 1, 2].flatMap { gate in gate * hidden..<(gate + 1) * hidden }
            let identity = Tensor.zeros([1, 4 * hidden, 4 * hidden])
            for (row, column) in rows.enumerated() { identity.pointer[row * 4 * hidden + column] = 1 }
            let recurrent = try Autograd.noGrad { try weight.gatherRows(rows).reshaped([1, 4 * hidden, hidden]) }
            let sequence = tape.node("Transpose", [tape.plain(inputs[0])], [("perm", [1, 0, 2])])
            let states = tape.node(
                "LSTM", [sequence, tape.constant(identity), tape.constant(recurrent)],
                [("hidden_size", .int(hidden)), ("direction", .string(isReversed ? "reverse" : "forward"))])
            // [time, 1, batch, hidden].
            let joined = tape.node("Squeeze", [states, tape.ints([1])])
            return .plain(tape.node("Transpose", [joined], [("perm", [1, 0, 2])]))
        }
    }
}
