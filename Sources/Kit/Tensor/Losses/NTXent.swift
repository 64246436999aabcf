import CKernels
import Glibc
import KitCore

extension Tensor {
    /// The similarities that an embedding's positive competes with.
    public enum NTXentCandidates: Sendable {
        /// All other embeddings of both views: 2 batch - 1.
        case bothViews
        /// All embeddings of the other view: batch.
        case otherView
    }

    /// The mean over anchors of -ln(exp(s⁺ / T) / sum of exp(s / T) over the candidates), s being dot products and s⁺ the
    /// one with the same row of the other view.
    ///
    /// The similarity matrix is never stored. Its tiles are computed, used, and computed again for the gradient, so
    /// memory grows with the batch and not with its square. Exponentials are shifted by the maximum of each row and
    /// cannot overflow.
    ///
    /// - Parameters:
    ///   - other: the second view, of the same shape [batch, features], its rows in the same order.
    ///   - temperature: the T that similarities are divided by; above 0.
    ///   - candidates: the similarities that a positive competes with.
    ///   - bothAnchors: whether rows of both views are anchors, or only those of the first.
    /// - Returns: a scalar.
    public func ntXent(
        with other: Tensor, temperature: Float, candidates: NTXentCandidates, bothAnchors: Bool
    ) throws -> Tensor {
        guard shape.rank == 2, shape == other.shape, shape[0] > 1, shape[1] > 0 else {
            throw KitError.usage(
                "nt_xent: needs two tensors of one shape [batch, features] with a batch of at least 2, "
                    + "but got \(shape) and \(other.shape)")
        }
        guard temperature > 0 else {
            throw KitError.usage("nt_xent: temperature must be positive, but is \(temperature)")
        }
        let problem = NTXentEvaluation(
            self, other, inverseTemperature: 1 / temperature, crossOnly: candidates == .otherView,
            bothAnchors: bothAnchors)
        let result = Tensor(problem.loss())
        return result.recorded("nt_xent", [self, other]) { gradient in
            let both = problem.gradient(scale: gradient.pointer[0])
            let second = Tensor(both.storage, offset: problem.batch * problem.features, shape: other.shape)
            return [Tensor(both.storage, offset: 0, shape: other.shape), second]
        }
    }
}

/// One evaluation of the loss: both views, and what the gradient needs from the forward pass.
private final class NTXentEvaluation {
    let batch: Int
    let features: Int
    /// [2 batch, features]: the first view's rows, then the second's.
    private let embeddings: Tensor
    /// [2 batch]: for anchors, the logarithm of the sum of exponentials; for others, a value so large that their
    /// exponentials vanish.
    private let shift: Tensor
    private let inverseTemperature: Float
    private let bothAnchors: Bool
    private let schedule: NTXentTiles
    private static let lowest = -Float.greatestFiniteMagnitude

    init(_ first: Tensor, _ second: Tensor, inverseTemperature: Float, crossOnly: Bool, bothAnchors: Bool) {
        (batch, features) = (first.shape[0], first.shape[1])
        self.inverseTemperature = inverseTemperature
        self.bothAnchors = bothAnchors
        embeddings = Tensor(uninitialized: [2 * batch, features])
        embeddings.pointer.update(from: first.pointer, count: first.count)
        (embeddings.pointer + first.count).update(from: second.pointer, count: second.count)
        schedule = NTXentTiles(batch: batch, crossOnly: crossOnly)
        shift = Tensor(uninitialized: [2 * batch])
    }

    /// Fills `shift` and returns the loss.
    func loss() -> Float {
        let (maximum, sum) = (Tensor(repeating: Self.lowest, shift.shape), Tensor.zeros(shift.shape))
        let positive = Tensor(uninitialized: [batch])
        let (top, total, pairs) = (maximum.pointer, sum.pointer, positive.pointer)
        forEachTile { tile, similarities in
            readPositives(tile, similarities, into: pairs)
            dk_active.pointee.nt_xent_rows(
                similarities, tile.columns.count, tile.rows.count, tile.columns.count, top + tile.rows.lowerBound,
                total + tile.rows.lowerBound)
            guard !tile.isDiagonal else { return }
            dk_active.pointee.nt_xent_columns(
                similarities, tile.columns.count, tile.rows.count, tile.columns.count, top + tile.columns.lowerBound,
                total + tile.columns.lowerBound)
        }
        let anchors = bothAnchors ? 2 * batch : batch
        var loss = 0.0
        for row in 0..<2 * batch {
            let logarithm = log(Double(total[row]))
            shift.pointer[row] = row < anchors ? top[row] + Float(logarithm) : -Self.lowest
            // If the positive is the maximum of its row, the difference is exactly 0, so small losses keep their
            // digits.
            if row < anchors { loss += logarithm + Double(top[row] - pairs[row % batch]) }
        }
        withExtendedLifetime((maximum, sum, positive)) {}
        return Float(loss / Double(anchors))
    }

    /// The gradients of both views, [2 batch, features].
    func gradient(scale: Float) -> Tensor {
        let result = Tensor.zeros(embeddings.shape)
        let anchors = bothAnchors ? 2 * batch : batch
        let factor = scale * inverseTemperature / Float(anchors)
        let (z, dz, width) = (embeddings.pointer, result.pointer, features)
        forEachTile { tile, similarities in
            let (rows, columns) = (tile.rows, tile.columns)
            dk_active.pointee.nt_xent_weights(
                similarities, columns.count, rows.count, columns.count, shift.pointer + rows.lowerBound,
                shift.pointer + columns.lowerBound)
            let weights = Gemm.Factor(similarities, step: columns.count)
            Gemm.multiplySerially(
                weights, Gemm.Factor(z + columns.lowerBound * width, step: width),
                into: dz + rows.lowerBound * width, step: width, m: rows.count, n: width, k: columns.count,
                alpha: factor, beta: 1, precision: .float32)
            guard !tile.isDiagonal else { return }
            Gemm.multiplySerially(
                Gemm.Factor(similarities, step: columns.count, isTransposed: true),
                Gemm.Factor(z + rows.lowerBound * width, step: width), into: dz + columns.lowerBound * width,
                step: width, m: columns.count, n: width, k: rows.count, alpha: factor, beta: 1,
                precision: .float32)
        }
        // The similarity of a positive pair counts once for each of its rows that is an anchor.
        let share = factor * (bothAnchors ? 2 : 1)
        let batch = batch
        ThreadPool.shared.forEachRange(2 * batch, grain: max(1, (1 << 15) / width)) { rows in
            for row in rows {
                let (gradient, partner) = (dz + row * width, z + (row < batch ? row + batch : row - batch) * width)
                for feature in 0..<width { gradient[feature] -= share * partner[feature] }
            }
        }
        return result
    }

    /// Copies the similarities of the positive pairs in this tile.
    private func readPositives(
        _ tile: NTXentTiles.Tile, _ similarities: UnsafePointer<Float>, into pairs: UnsafeMutablePointer<Float>
    ) {
        for (index, row) in tile.rows.enumerated() {
            let partner = row < batch ? row + batch : row - batch
            guard tile.columns.contains(partner) else { continue }
            pairs[row % batch] = similarities[index * tile.columns.count + partner - tile.columns.lowerBound]
        }
    }

    /// Computes each tile of the similarity matrix, divided by the temperature, and passes it to `body`. The similarity
    /// of an embedding with itself is set to `lowest`.
    private func forEachTile(_ body: (NTXentTiles.Tile, UnsafeMutablePointer<Float>) -> Void) {
        let tileSize = schedule.side * schedule.side
        let scratch = Storage(count: tileSize * (schedule.rounds.map(\.count).max() ?? 0))
        let (z, width) = (embeddings.pointer, features)
        for round in schedule.rounds {
            ThreadPool.shared.forEach(round.count) { index in
                let (tile, similarities) = (round[index], scratch.pointer + index * tileSize)
                Gemm.multiplySerially(
                    Gemm.Factor(z + tile.rows.lowerBound * width, step: width),
                    Gemm.Factor(z + tile.columns.lowerBound * width, step: width, isTransposed: true),
                    into: similarities, step: tile.columns.count, m: tile.rows.count, n: tile.columns.count, k: width,
                    alpha: inverseTemperature, precision: .float32)
                if tile.isDiagonal {
                    for row in 0..<tile.rows.count { similarities[row * (tile.columns.count + 1)] = Self.lowest }
                }
                body(tile, similarities)
            }
        }
        withExtendedLifetime(scratch) {}
    }
}
