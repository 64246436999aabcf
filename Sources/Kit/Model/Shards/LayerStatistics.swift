import KitCore
import KitTensor

/// The statistics of a batch norm layer: over the rows of all shards, or over its input alone if there are no shards.
///
/// If the batch is processed in chunks, the statistics are those of a chunk. The running statistics are then updated
/// after the step, in the order of the batch, so that they are the same in all processes.
struct LayerStatistics: BatchStatistics {
    private let shard: Shard?
    /// Whether the layer was called with a chunk of the shard's rows. Kept for backward, which runs after the chunks.
    private let isInChunks: Bool
    private let count: () -> Void

    /// - Parameter count: called once for each batch whose statistics were taken.
    init(_ shard: Shard?, count: @escaping () -> Void) {
        (self.shard, isInChunks, self.count) = (shard, shard?.isInChunks ?? false, count)
    }

    func whole(
        _ part: BatchMoments, moving move: @escaping (_ mean: [Double], _ variance: [Double]) -> Void
    ) throws -> BatchMoments {
        func finish(_ moments: BatchMoments) {
            guard moments.rows > 1 else { return }
            count()
            move(moments.mean, moments.unbiasedVariance)
        }
        guard let shard else {
            finish(part)
            return part
        }
        guard !isInChunks else {
            shard.movedBuffers.append(
                MovedBuffer(count: count, move: move, mean: part.mean, variance: part.unbiasedVariance))
            return part
        }
        let label = "batch norm of \(counted(part.mean.count, "channel"))"
        return try shard.team.meet(shard, label, part) { parts in
            let whole = try shard.team.moments(parts)
            finish(whole)
            return whole
        }
    }

    func sum(_ numbers: [Double]) throws -> [Double] {
        guard let shard, !isInChunks else { return numbers }
        return try shard.team.meet(shard, "batch norm, backward", numbers) { try shard.team.sum($0) }
    }
}

extension ShardTeam {
    /// The moments of the rows of all shards, joined pair by pair (Chan et al. 1979).
    fileprivate func moments(_ parts: [BatchMoments]) throws -> BatchMoments {
        // For each channel: the number of rows, their mean, and the sum of their squared differences from it.
        let numbers = parts.map { part in
            zip(part.mean, part.variance).flatMap { [Double(part.rows), $0, $1 * Double(part.rows)] }
        }
        let total = try sum(numbers, grain: 3) { one, other in
            for place in stride(from: 0, to: one.count, by: 3) {
                let (n, m) = (one[place], other[place])
                guard m > 0 else { continue }
                let distance = other[place + 1] - one[place + 1]
                one[place] = n + m
                one[place + 1] += distance * m / (n + m)
                one[place + 2] += other[place + 2] + distance * distance * n * m / (n + m)
            }
        }
        let rows = total[0]
        return BatchMoments(
            rows: Int(rows), mean: stride(from: 1, to: total.count, by: 3).map { total[$0] },
            variance: stride(from: 2, to: total.count, by: 3).map { total[$0] / rows })
    }
}
