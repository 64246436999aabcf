import COpenBLAS
import KitCore

/// Matrix products, C = alpha A B + beta C, row-major, in tiles that the threads share.
///
/// OpenBLAS runs on one thread inside a tile. Tile borders depend on the extents alone, so the bits do not depend on the
/// number of threads. Used by everything that multiplies matrices: `matmul`, `linear`, convolutions.
public enum Gemm {
    /// One factor: `rows` x `columns` as the product sees it; if `isTransposed`, memory holds columns x rows.
    public struct Factor {
        let pointer: UnsafePointer<Float>
        /// Elements between neighbouring rows in memory.
        let step: Int
        let isTransposed: Bool

        public init(_ pointer: UnsafePointer<Float>, step: Int, isTransposed: Bool = false) {
            self.pointer = pointer
            self.step = step
            self.isTransposed = isTransposed
        }

        fileprivate func from(row: Int, column: Int) -> Factor {
            Factor(
                pointer + (isTransposed ? column * step + row : row * step + column), step: step,
                isTransposed: isTransposed)
        }
    }

    /// Throws if BLAS cannot count so far: its numbers have 32 bits.
    static func check(_ extents: [Int], _ operation: String) throws {
        guard let large = extents.first(where: { $0 > Int(Int32.max) }) else { return }
        throw KitError.usage("\(operation): a matrix of \(large) rows or columns: expected at most \(Int32.max)")
    }

    /// The product [m, k] x [k, n] on all threads.
    ///
    /// - Parameters:
    ///   - a: [m, k].
    ///   - b: [k, n].
    ///   - c: [m, n], rows `step` apart; not read if `beta` is 0.
    ///   - step: elements from a row of `c` to the next, at least `n`.
    ///   - m: rows of `a` and `c`.
    ///   - n: columns of `b` and `c`.
    ///   - k: columns of `a`, rows of `b`.
    ///   - alpha: multiplies the product.
    ///   - beta: multiplies what was in `c`, which is added.
    public static func multiply(
        _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float = 1, beta: Float = 0
    ) {
        guard m > 0, n > 0 else { return }
        let plan = Plan(m, n, k)
        if plan.parts > 1 {
            multiplyInParts(plan, a, b, into: c, step: step, m: m, n: n, k: k, alpha: alpha, beta: beta)
            return
        }
        ThreadPool.shared.forEach(plan.tiles) { tile in
            let (rows, columns) = plan.tile(tile, m, n)
            multiplySerially(
                a.from(row: rows.lowerBound, column: 0), b.from(row: 0, column: columns.lowerBound),
                into: c + rows.lowerBound * step + columns.lowerBound, step: step, m: rows.count, n: columns.count,
                k: k, alpha: alpha, beta: beta)
        }
    }

    /// The same product on the calling thread: for ops that have tiles of their own.
    public static func multiplySerially(
        _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float = 1, beta: Float = 0
    ) {
        guard m > 0, n > 0 else { return }
        // Some hundredths of a second at a time, so that an interrupt need not wait. Borders at multiples of 16 keep the
        // micro-kernels whole, and with them the bits.
        let columns = max(256, (1 << 31) / (m * max(1, k)) / 16 * 16)
        for column in stride(from: 0, to: n, by: columns) where !ThreadPool.isAbandoned {
            let b = b.from(row: 0, column: column)
            cblas_sgemm(
                CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
                blasint(m), blasint(min(columns, n - column)), blasint(k), alpha, a.pointer, blasint(max(1, a.step)),
                b.pointer, blasint(max(1, b.step)), beta, c + column, blasint(max(1, step)))
        }
    }

    /// A small result of a long inner axis, as a weight's gradient is: parts of the inner axis are multiplied side by
    /// side and added in their order.
    private static func multiplyInParts(
        _ plan: Plan, _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float, beta: Float
    ) {
        let partial = Storage(count: plan.parts * m * n)
        let products = partial.pointer
        ThreadPool.shared.forEach(plan.parts * plan.tiles) { index in
            let (part, tile) = (index / plan.tiles, index % plan.tiles)
            let (rows, columns) = plan.tile(tile, m, n)
            let start = part * plan.partLength
            multiplySerially(
                a.from(row: rows.lowerBound, column: start), b.from(row: start, column: columns.lowerBound),
                into: products + part * m * n + rows.lowerBound * n + columns.lowerBound, step: n, m: rows.count,
                n: columns.count, k: min(plan.partLength, k - start), alpha: alpha)
        }
        ThreadPool.shared.forEachRange(m, grain: max(1, Elementwise.grain / (n * plan.parts))) { rows in
            for row in rows {
                let result = c + row * step
                for column in 0..<n { result[column] = beta == 0 ? 0 : result[column] * beta }
                for part in 0..<plan.parts {
                    let product = products + (part * m + row) * n
                    for column in 0..<n { result[column] += product[column] }
                }
            }
        }
        withExtendedLifetime(partial) {}
    }

    /// How a product is cut: tiles of the result, and parts of the inner axis if tiles are too few to share.
    private struct Plan {
        private(set) var rowTile: Int
        private(set) var columnTile: Int
        private(set) var parts = 1
        let partLength: Int
        private let columnTiles: Int
        let tiles: Int

        init(_ m: Int, _ n: Int, _ k: Int) {
            // Less than a megaflop is not worth waking a thread for; a tile of 256 rows hides the packing of B.
            let isSmall = Double(m) * Double(n) * Double(k) < 0x1p19
            let rowTiles = isSmall ? 1 : min(64, max(1, m / 256))
            let columnTiles = isSmall ? 1 : min(64 / rowTiles, max(1, n / 512))
            // Multiples of 16 keep the micro-kernels of BLAS whole.
            rowTile = (m + rowTiles * 16 - 1) / (rowTiles * 16) * 16
            columnTile = (n + columnTiles * 16 - 1) / (columnTiles * 16) * 16
            self.columnTiles = (n + columnTile - 1) / columnTile
            tiles = (m + rowTile - 1) / rowTile * self.columnTiles
            let parts = isSmall || tiles >= 8 ? 1 : min(k / 2048, 64 / tiles)
            partLength = parts > 1 ? (k + parts - 1) / parts : max(1, k)
            self.parts = max(1, (k + partLength - 1) / partLength)
        }

        func tile(_ index: Int, _ m: Int, _ n: Int) -> (rows: Range<Int>, columns: Range<Int>) {
            let (row, column) = (index / columnTiles * rowTile, index % columnTiles * columnTile)
            return (row..<min(m, row + rowTile), column..<min(n, column + columnTile))
        }
    }
}
