import CKernels
import KitCore

/// Matrix products, C = alpha A B + beta C, row-major: the one door to the engines that compute them.
///
/// Who asks says how the factors lie in memory and in what precision to multiply; the door chooses the engine.
///
/// | factors | engine | where |
/// |---|---|---|
/// | as they lie in memory, each transposed or not | BLAS | all threads, or the calling one |
/// | rows times a `PackedFactor` | the kernel `product` | the calling thread |
/// | two sets of rows that are in a cache, the left ones transposed | the kernel `outer_product` | the calling thread |
///
/// A packed factor pays where many tiles are multiplied by the same matrix, as in convolutions and recurrences. Tile borders
/// depend on the extents alone, so the bits do not depend on the number of threads. Products in double precision have a door
/// of their own, `DoubleGemm`.
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

        func from(row: Int, column: Int) -> Factor {
            Factor(
                pointer + (isTransposed ? column * step + row : row * step + column), step: step,
                isTransposed: isTransposed)
        }
    }

    /// Rows of a matrix, few enough to stay in a cache.
    struct Rows {
        let pointer: UnsafePointer<Float>
        /// Elements from one row to the next.
        let step: Int
        let count: Int
        /// How many of the rows behind these are multiplied next: they are fetched ahead. 0 for scratch memory.
        let following: Int

        init(_ pointer: UnsafePointer<Float>, step: Int, count: Int, following: Int = 0) {
            self.pointer = pointer
            self.step = step
            self.count = count
            self.following = following
        }
    }

    /// Rows at multiples of this are whole register blocks of the kernels.
    static var blockRows: Int { dk_active.pointee.capabilities.block_rows }

    /// Throws if an extent is more than the engines can count: BLAS has numbers of 32 bits.
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
    ///   - precision: the arithmetic.
    public static func multiply(
        _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float = 1, beta: Float = 0, precision: ProductPrecision
    ) {
        guard m > 0, n > 0 else { return }
        let tiling = GemmTiling(m, n, k)
        if tiling.parts > 1 {
            multiplyInParts(
                tiling, a, b, into: c, step: step, m: m, n: n, k: k, alpha: alpha, beta: beta, precision: precision)
            return
        }
        ThreadPool.shared.forEach(tiling.tiles) { tile in
            let (rows, columns) = tiling.tile(tile, m, n)
            multiplySerially(
                a.from(row: rows.lowerBound, column: 0), b.from(row: 0, column: columns.lowerBound),
                into: c + rows.lowerBound * step + columns.lowerBound, step: step, m: rows.count, n: columns.count,
                k: k, alpha: alpha, beta: beta, precision: precision)
        }
    }

    /// The same product on the calling thread: for ops that have tiles of their own.
    public static func multiplySerially(
        _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float = 1, beta: Float = 0, precision: ProductPrecision
    ) {
        guard m > 0, n > 0 else { return }
        switch precision {
        case .float32: BLAS.multiply(a, b, into: c, step: step, m: m, n: n, k: k, alpha: alpha, beta: beta)
        }
    }

    /// c = a b, or c += a b, on the calling thread, in the precision that `b` was packed for.
    ///
    /// - Parameters:
    ///   - a: rows of `b.depth` elements.
    ///   - c: [a.count, b.columns], rows `step` apart; read only to `accumulate`.
    static func multiplySerially(
        _ a: Rows, _ b: PackedFactor, into c: UnsafeMutablePointer<Float>, step: Int, accumulate: Bool = false
    ) {
        switch b.precision {
        case .float32:
            dk_active.pointee.product(
                a.pointer, a.step, b.pointer, c, step, a.count, b.depth, b.columns, accumulate)
        }
    }

    /// c += aᵀ b on the calling thread, [m, count] x [count, n]: what one tile of rows adds to the gradient of a weight.
    ///
    /// - Parameters:
    ///   - a: rows of `m` elements.
    ///   - b: the same number of rows, of `n` elements.
    ///   - c: [m, n], rows `step` apart.
    static func addOuterProducts(
        _ a: Rows, _ b: Rows, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int,
        precision: ProductPrecision
    ) {
        switch precision {
        case .float32:
            dk_active.pointee.outer_product(
                a.pointer, a.step, a.following, b.pointer, b.step, b.following, c, step, a.count, m, n)
        }
    }

    /// A small result of a long inner axis, as a weight's gradient is: parts of the inner axis are multiplied side by
    /// side and added in their order.
    private static func multiplyInParts(
        _ tiling: GemmTiling, _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int,
        k: Int, alpha: Float, beta: Float, precision: ProductPrecision
    ) {
        let partial = Storage(count: tiling.parts * m * n)
        let products = partial.pointer
        ThreadPool.shared.forEach(tiling.parts * tiling.tiles) { index in
            let (part, tile) = (index / tiling.tiles, index % tiling.tiles)
            let (rows, columns) = tiling.tile(tile, m, n)
            let start = part * tiling.partLength
            multiplySerially(
                a.from(row: rows.lowerBound, column: start), b.from(row: start, column: columns.lowerBound),
                into: products + part * m * n + rows.lowerBound * n + columns.lowerBound, step: n, m: rows.count,
                n: columns.count, k: min(tiling.partLength, k - start), alpha: alpha, precision: precision)
        }
        ThreadPool.shared.forEachRange(m, grain: max(1, Elementwise.grain / (n * tiling.parts))) { rows in
            for row in rows {
                let result = c + row * step
                for column in 0..<n { result[column] = beta == 0 ? 0 : result[column] * beta }
                for part in 0..<tiling.parts {
                    let product = products + (part * m + row) * n
                    for column in 0..<n { result[column] += product[column] }
                }
            }
        }
        withExtendedLifetime(partial) {}
    }
}
