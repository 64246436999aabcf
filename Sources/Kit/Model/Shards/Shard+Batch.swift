import Foundation
import KitCore
import KitTensor

// Results that depend on all rows of a batch, computed for one shard.

extension Shard {
    /// Gathers the rows of all shards into one tensor, on each of them. The gradient of the batch's loss with respect
    /// to this tensor is summed over the shards.
    ///
    /// - Parameter tensor: [rows of this shard, ...].
    /// - Returns: [rows of the batch, ...], in the order of the batch.
    public func gather(_ tensor: Tensor) throws -> Tensor {
        try checkRows(tensor, "gather")
        let all = try team.meet(self, "gather \(tensor.shape.extents.dropFirst())", tensor.detached()) {
            try self.joined($0)
        }
        let result = all.detached()
        return result.recorded("gather", [tensor]) { [self] gradient in
            let total = try team.meet(self, "gather, backward", gradient) { gradients in
                try team.sum(gradients.map { $0.copied() })
            }
            return [try total.slice(axis: 0, rows)]
        }
    }

    /// A loss over all rows of the batch, computed once in each process. Each shard gets the same value, and the
    /// gradient of its own rows.
    ///
    /// - Parameters:
    ///   - label: the loss's name, for messages.
    ///   - inputs: [rows of this shard, ...] each.
    ///   - notes: one text for each row, such as its label.
    ///   - body: computes the loss from the same tensors and notes with the rows of the whole batch.
    /// - Returns: a scalar.
    public func loss(
        _ label: String, _ inputs: [Tensor], notes: [String] = [],
        _ body: ([Tensor], [String]) throws -> Tensor
    ) throws -> Tensor {
        for input in inputs { try checkRows(input, label) }
        let needed = inputs.map(\.needsGrad)
        let parts = (inputs.map { $0.detached() }, notes)
        let whole: WholeLoss = try team.meet(self, label, parts) { all in
            let leaves = try inputs.indices.map { index in
                let leaf = try self.joined(all.map { $0.0[index] })
                leaf.requiresGrad = needed[index]
                return leaf
            }
            let notes = notes.isEmpty ? [] : try team.gather(notes: all.map(\.1))
            // The loss does not belong to any single shard.
            let value = try Shard.$current.withValue(nil) { try body(leaves, notes) }
            return WholeLoss(value: value, leaves: leaves, gradients: GradientSink(of: team.parameters))
        }
        let result = whole.value.detached().copied()
        guard Autograd.isRecording, whole.value.needsGrad else { return result }
        team.hold(whole.value.trainedSources)
        return result.recorded(label, inputs, others: .known) { [self] gradient in
            try team.meet(self, "\(label), backward", gradient) { gradients in
                let seed = try team.sum(gradients.map { $0.values.map(Double.init) })
                try Shard.$current.withValue(nil) {
                    try Autograd.collecting(into: whole.gradients) {
                        try whole.value.backward(from: Tensor(seed.map(Float.init), whole.value.shape))
                    }
                }
                team.addOnce(whole.gradients)
            }
            return try whole.leaves.enumerated().map { index, leaf in
                needed[index] ? try (leaf.grad ?? .zeros(leaf.shape)).slice(axis: 0, rows) : nil
            }
        }
    }

    /// The largest of numbers that each shard has: a padded length, for example.
    public func largest(_ number: Int) throws -> Int {
        try team.meet(self, "largest number", Double(number)) { numbers in
            Int(try team.gather(numbers.map { [$0] }).joined().max() ?? 0)
        }
    }

    private func checkRows(_ tensor: Tensor, _ what: String) throws {
        let count = tensor.shape.extents.first
        guard count == rows.count else {
            throw KitError.usage(
                "\(what): expected a tensor [\(rows.count), ...] for a shard of \(counted(rows.count, "clip")), but its "
                    + "shape is \(tensor.shape)"
                    + (count == batch && what != "gather" ? ": give a loss the shard's own rows, which it gathers" : "")
            )
        }
    }

    /// Gathers the rows of all shards, given those of the shards of this process.
    private func joined(_ parts: [Tensor]) throws -> Tensor {
        let (layout, rest) = (team.layout, Array(parts[0].shape.extents.dropFirst()))
        if let other = parts.first(where: { Array($0.shape.extents.dropFirst()) != rest }) {
            throw KitError.usage("the shards have tensors of different shapes: \(parts[0].shape) and \(other.shape)")
        }
        let whole = Tensor(uninitialized: Shape([batch] + rest))
        let width = whole.count / max(1, batch)
        for (shard, part) in zip(layout.own, parts) {
            let start = layout.rows(of: shard..<shard + 1, in: batch).lowerBound
            (whole.pointer + start * width).update(from: part.pointer, count: part.count)
        }
        let bytes = width * MemoryLayout<Float>.stride
        try team.exchanging {
            try team.processes.gather(
                into: UnsafeMutableRawBufferPointer(
                    start: whole.pointer, count: whole.count * MemoryLayout<Float>.stride),
                parts: layout.rowsByRank(in: batch).map { $0.lowerBound * bytes..<$0.upperBound * bytes })
        }
        withExtendedLifetime((whole, parts)) {}
        return whole
    }
}

/// A loss of the whole batch, as each process computes it.
private struct WholeLoss {
    let value: Tensor
    let leaves: [Tensor]
    /// The gradients of the loss's own parameters.
    let gradients: GradientSink
}

extension ShardTeam {
    /// Adds gradients that every process has computed but that must count only once.
    fileprivate func addOnce(_ gradients: GradientSink) {
        if layout.own.lowerBound == 0 { firstShard?.gradients.add(gradients) }
    }

    /// Gathers the texts of all rows, given those of the shards of this process.
    fileprivate func gather(notes: [[String]]) throws -> [String] {
        let own = Array(try JSONEncoder().encode(Array(notes.joined())))
        return try exchanging { try processes.gather(own) }.flatMap {
            try JSONDecoder().decode([String].self, from: Data($0))
        }
    }
}
