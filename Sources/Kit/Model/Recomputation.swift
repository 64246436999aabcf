import KitCore
import KitTensor

/// A part of a network whose activations are not kept for backward but computed again.
///
/// In one piece, this is activation checkpointing (Chen et al. 2016, arXiv 1604.06174): it saves the memory of all
/// activations between inputs and outputs, for one more forward pass. In chunks of the batch, it is gradient caching
/// (Gao et al. 2021, arXiv 2101.06983): a contrastive loss over a batch of any size, with its exact gradient, in the
/// memory of one chunk. Batch norm then computes its statistics over a chunk, in both passes, as it does on each of
/// several devices.
public struct Recomputation {
    public typealias Body = (_ inputs: [Tensor]) throws -> [Tensor]

    private let inputs: [Tensor]
    private let body: Body
    /// The rows of the inputs' first axis, and the position in the step's random streams at which they begin.
    private var chunks: [(rows: Range<Int>, position: Int)]
    /// The shape of each output, without the first axis if there are several chunks.
    private var shapes: [Shape] = []

    /// The outputs of `body`, with gradients to the inputs and to all parameters inside.
    ///
    /// - Parameters:
    ///   - inputs: tensors [batch, ...] of one batch.
    ///   - rows: the number of rows that go through `body` at once; nil for all.
    ///   - body: returns tensors [batch, ...], the same ones for the same inputs. Its randomness must come from the
    ///     step (as for dropout).
    public static func apply(to inputs: [Tensor], rows: Int? = nil, _ body: @escaping Body) throws -> [Tensor] {
        guard let batch = inputs.first?.shape.extents.first else {
            throw KitError.usage("recompute: needs at least one tensor [batch, ...]")
        }
        if let other = inputs.first(where: { $0.shape.extents.first != batch }) {
            throw KitError.usage(
                "recompute: all tensors must have one first axis, but the first has \(counted(batch, "row")) and another the shape "
                    + "\(other.shape)")
        }
        if let rows, rows < 1 { throw KitError.usage("recompute: chunks must have 1 row or more, not \(rows)") }
        let step = max(1, rows ?? batch)
        let starts = batch == 0 ? [0] : Array(stride(from: 0, to: batch, by: step))
        let isWhole = starts.count == 1 && rows == nil
        // Backward may run where another precision is in use.
        let precision = ProductPrecision.current
        var recomputation = Recomputation(
            inputs: inputs,
            body: { inputs in
                try precision.used { isWhole ? try body(inputs) : try Shard.inChunks { try body(inputs) } }
            },
            chunks: starts.map { ($0..<min(batch, $0 + step), 0) })
        return try recomputation.outputs()
    }

    private init(inputs: [Tensor], body: @escaping Body, chunks: [(rows: Range<Int>, position: Int)]) {
        self.inputs = inputs
        self.body = body
        self.chunks = chunks
    }

    private mutating func outputs() throws -> [Tensor] {
        var parts: [[Tensor]] = []
        for index in chunks.indices {
            chunks[index].position = StepRandom.position
            let rows = chunks[index].rows
            let outputs = try Autograd.noGrad { try body(inputs.map { try $0.slice(axis: 0, rows) }) }
            try check(outputs, rows: rows.count, like: parts.first)
            parts.append(outputs)
        }
        let whole = try parts[0].indices.map { output in try Tensor.concat(parts.map { $0[output] }) }
        shapes = whole.map(\.shape)
        return Autograd.isRecording ? try recorded(whole) : whole
    }

    private func check(_ outputs: [Tensor], rows: Int, like first: [Tensor]?) throws {
        guard !outputs.isEmpty else { throw KitError.usage("recompute: the function must return at least one tensor") }
        if let first, first.count != outputs.count {
            throw KitError.usage(
                "recompute: the function returned \(counted(first.count, "tensor")) for the first chunk and \(outputs.count) for "
                    + "another")
        }
        for output in outputs where output.shape.extents.first != rows {
            throw KitError.usage(
                "recompute: the function must keep the first axis, of \(counted(rows, "row")), but returned the shape "
                    + "\(output.shape)")
        }
    }

    /// The outputs as parts of one tensor. Its gradient is complete when those of all outputs are.
    private func recorded(_ outputs: [Tensor]) throws -> [Tensor] {
        let all = try Autograd.noGrad { try Tensor.concat(outputs.map { try $0.flattened() }) }
        all.recorded("recompute", inputs, others: .unknown) { [self] in try inputGradients($0) }
        var start = 0
        return try outputs.map { output in
            defer { start += output.count }
            return try all.slice(axis: 0, start..<start + output.count).reshaped(output.shape)
        }
    }

    private func inputGradients(_ gradient: Tensor) throws -> [Tensor?] {
        var start = 0
        let gradients = try shapes.map { shape in
            defer { start += shape.count }
            return try gradient.slice(axis: 0, start..<start + shape.count).reshaped(shape)
        }
        let needed = inputs.map(\.needsGrad)
        var found: [[Tensor]] = inputs.map { _ in [] }
        for chunk in chunks {
            let leaves = try zip(inputs, needed).map { input, needsGrad in
                let leaf = try input.detached().slice(axis: 0, chunk.rows)
                leaf.requiresGrad = needsGrad
                return leaf
            }
            try repeated(chunk.position, leaves, gradients.map { try $0.slice(axis: 0, chunk.rows) })
            for (index, leaf) in leaves.enumerated() where needed[index] {
                found[index].append(leaf.grad ?? .zeros(leaf.shape))
            }
        }
        return try found.map { $0.isEmpty ? nil : try Tensor.concat($0) }
    }

    /// Runs the body on one chunk again and passes the gradients of its outputs on to its parameters and inputs.
    private func repeated(_ position: Int, _ leaves: [Tensor], _ gradients: [Tensor]) throws {
        let joined = try Autograd.repeating {
            let outputs = try StepRandom.repeating(from: position) { try body(leaves) }
            return try Tensor.concat(outputs.map { try $0.flattened() })
        }
        guard joined.needsGrad else { return }
        try joined.backward(from: Tensor.concat(gradients.map { try $0.flattened() }))
    }
}
