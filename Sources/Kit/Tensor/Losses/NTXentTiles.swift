/// The order in which the tiles of a similarity matrix are visited. It lets threads share the work, no two of them
/// write to the same rows, and every row receives its contributions in the same order at any thread count.
///
/// The 2n rows, first view then second, are split into blocks. The matrix is symmetric, so each pair of blocks is one
/// tile that is visited once. The pairs of one round have no block in common.
struct NTXentTiles {
    struct Tile {
        let rows: Range<Int>
        let columns: Range<Int>
        var isDiagonal: Bool { rows == columns }
    }

    /// The tiles of one round can be computed in parallel.
    let rounds: [[Tile]]
    /// The longest side of a tile.
    let side: Int

    /// - Parameter crossOnly: only tiles between the first view and the second.
    init(batch: Int, crossOnly: Bool) {
        // Eight blocks per view are enough for 16 threads, and a tile of 256 x 256 floats fits a core's cache.
        side = min(256, max(64, (batch / 8 + Gemm.blockColumns - 1) / Gemm.blockColumns * Gemm.blockColumns))
        let starts = Array(stride(from: 0, to: batch, by: side))
        let side = side
        let first = starts.map { $0..<min(batch, $0 + side) }
        let blocks = first + first.map { $0.lowerBound + batch..<$0.upperBound + batch }
        rounds = (crossOnly ? Self.crossPairs(first.count) : Self.allPairs(blocks.count)).map { round in
            round.map { Tile(rows: blocks[$0], columns: blocks[$1]) }
        }
    }

    /// All pairs (i, n + j) of 0 <= i, j < n in n rounds.
    private static func crossPairs(_ n: Int) -> [[(Int, Int)]] {
        (0..<n).map { shift in (0..<n).map { ($0, n + ($0 + shift) % n) } }
    }

    /// All pairs of n blocks, n even, each block once per round, as in a round-robin tournament; then each with itself.
    private static func allPairs(_ n: Int) -> [[(Int, Int)]] {
        let others = n - 1
        let rounds = (0..<others).map { round in
            [(round, others)] + (1..<n / 2).map { ((round + $0) % others, (round + others - $0) % others) }
        }
        return rounds + [(0..<n).map { ($0, $0) }]
    }
}
