import CKernels
import KitCore

extension Tensor {
    /// The recurrence of long short-term memory (Hochreiter and Schmidhuber 1997; forget gates of Gers et al. 2000), one
    /// direction of one layer of PyTorch's `nn.LSTM`. Both states start at 0.
    ///
    /// This tensor is the input's contribution to the gates, [batch, time, 4 hidden], in the order input, forget, cell,
    /// output: i, f, o = sigmoid(·) and g = tanh(·) of it plus h weightᵀ; c = f c + i g; h = o tanh(c).
    ///
    /// - Parameters:
    ///   - weight: [4 hidden, hidden].
    ///   - isReversed: whether time runs backwards.
    /// - Returns: h at every time, [batch, time, hidden].
    public func lstm(_ weight: Tensor, isReversed: Bool = false) throws -> Tensor {
        guard shape.rank == 3, weight.shape.rank == 2, weight.shape[0] == 4 * weight.shape[1],
            shape[2] == weight.shape[0]
        else {
            throw KitError.usage(
                "lstm: needs gates [batch, time, 4 hidden] and a weight [4 hidden, hidden], not \(shape) and \(weight.shape)"
            )
        }
        let pass = Recurrence(
            batch: shape[0], time: shape[1], hidden: weight.shape[1], isReversed: isReversed, weight: weight.detached(),
            precision: .current)
        let state = pass.forward(self)
        let (needsGates, needsWeight) = (needsGrad, weight.needsGrad)
        // A detached copy, because the result owns the closure.
        let (gates, cells, bounded, output) = (state.gates, state.cells, state.bounded, state.output.detached())
        let flops = 2 * Double(count) * Double(weight.shape[1])
        return state.output.recorded(
            "lstm", [self, weight], flops: flops, form: .lstm(hidden: weight.shape[1], isReversed: isReversed)
        ) { gradient in
            let toGates = pass.backward(gradient, gates, cells, bounded)
            return [needsGates ? toGates : nil, needsWeight ? pass.weightGradient(toGates, output) : nil]
        }
    }
}

/// The forward and backward passes through time. Each step is one product with the weight, which is packed once.
private struct Recurrence {
    let batch: Int
    let time: Int
    let hidden: Int
    let isReversed: Bool
    let weight: Tensor
    let precision: ProductPrecision

    /// The gates after activation, the cells, their tanh, and the hidden states.
    struct State {
        let gates: Tensor
        let cells: Tensor
        let bounded: Tensor
        let output: Tensor
    }

    /// The times in the order of the recurrence, each with the one before it.
    private var steps: [(now: Int, before: Int?)] {
        let order = isReversed ? Array((0..<time).reversed()) : Array(0..<time)
        return order.indices.map { (order[$0], $0 > 0 ? order[$0 - 1] : nil) }
    }

    func forward(_ input: Tensor) -> State {
        let gates = input.copied()
        let shape: Shape = [batch, time, hidden]
        let state = State(
            gates: gates, cells: Tensor(uninitialized: shape), bounded: Tensor(uninitialized: shape),
            output: Tensor(uninitialized: shape))
        let packed = PackedFactor(
            weight.pointer, depth: hidden, columns: 4 * hidden, depthStep: 1, columnStep: hidden, precision: precision)
        let kernels = dk_active.pointee
        let (g, c, t, h) = (gates.pointer, state.cells.pointer, state.bounded.pointer, state.output.pointer)
        for (now, before) in steps {
            if let before {
                Gemm.multiplySerially(
                    Gemm.Rows(h + before * hidden, step: time * hidden, count: batch), packed,
                    into: g + now * 4 * hidden, step: 4 * time * hidden, accumulate: true)
            }
            for row in 0..<batch {
                let gate = g + (row * time + now) * 4 * hidden
                kernels.sigmoid(gate, gate, 2 * hidden)
                kernels.hyperbolic_tangent(gate + 2 * hidden, gate + 2 * hidden, hidden)
                kernels.sigmoid(gate + 3 * hidden, gate + 3 * hidden, hidden)
                let at = (row * time + now) * hidden
                let last = before.map { c + (row * time + $0) * hidden }
                for i in 0..<hidden {
                    c[at + i] = gate[i] * gate[2 * hidden + i] + (last.map { gate[hidden + i] * $0[i] } ?? 0)
                }
                kernels.hyperbolic_tangent(c + at, t + at, hidden)
                for i in 0..<hidden { h[at + i] = gate[3 * hidden + i] * t[at + i] }
            }
        }
        withExtendedLifetime((packed, weight)) {}
        return state
    }

    /// The gradient of the gates before their activation.
    func backward(_ gradient: Tensor, _ gates: Tensor, _ cells: Tensor, _ bounded: Tensor) -> Tensor {
        let result = Tensor(uninitialized: [batch, time, 4 * hidden])
        // Gradients of the hidden state and of the cell from the next step: [batch, hidden] each.
        let (dh, dc) = (Tensor.zeros([batch, hidden]), Tensor.zeros([batch, hidden]))
        let packed = PackedFactor(
            weight.pointer, depth: 4 * hidden, columns: hidden, depthStep: hidden, columnStep: 1, precision: precision)
        let (g, c, t, dy, dg) = (gates.pointer, cells.pointer, bounded.pointer, gradient.pointer, result.pointer)
        for (now, before) in steps.reversed() {
            for row in 0..<batch {
                let at = (row * time + now) * hidden
                let (gate, out) = (g + 4 * at, dg + 4 * at)
                let (fromHidden, fromCell) = (dh.pointer + row * hidden, dc.pointer + row * hidden)
                let last = before.map { c + (row * time + $0) * hidden }
                for k in 0..<hidden {
                    let (i, f, cell, o) = (gate[k], gate[hidden + k], gate[2 * hidden + k], gate[3 * hidden + k])
                    let total = dy[at + k] + fromHidden[k]
                    let slope = fromCell[k] + total * o * (1 - t[at + k] * t[at + k])
                    out[k] = slope * cell * i * (1 - i)
                    out[hidden + k] = slope * (last?[k] ?? 0) * f * (1 - f)
                    out[2 * hidden + k] = slope * i * (1 - cell * cell)
                    out[3 * hidden + k] = total * t[at + k] * o * (1 - o)
                    fromCell[k] = slope * f
                }
            }
            Gemm.multiplySerially(
                Gemm.Rows(dg + now * 4 * hidden, step: 4 * time * hidden, count: batch), packed, into: dh.pointer,
                step: hidden)
        }
        withExtendedLifetime((packed, weight, gates, cells, bounded)) {}
        return result
    }

    /// The sum over batch and time of gate gradients times the hidden state before.
    func weightGradient(_ gates: Tensor, _ output: Tensor) -> Tensor {
        let result = Tensor.zeros(weight.shape)
        guard time > 1 else { return result }
        for row in 0..<batch {
            let now = gates.pointer + (row * time + (isReversed ? 0 : 1)) * 4 * hidden
            let before = output.pointer + (row * time + (isReversed ? 1 : 0)) * hidden
            Gemm.multiply(
                Gemm.Factor(now, step: 4 * hidden, isTransposed: true), Gemm.Factor(before, step: hidden),
                into: result.pointer, step: hidden, m: 4 * hidden, n: hidden, k: time - 1, beta: 1,
                precision: precision)
        }
        withExtendedLifetime((gates, output)) {}
        return result
    }
}
