import CKernels
import KitCore

/// Matrix products, C = alpha A B + beta C, row-major: the only interface to the engines that compute them.
///
/// The caller states the memory layout of the factors and the precision, and the engine follows from that.
///
/// | factors | engine | where |
/// |---|---|---|
/// | unpacked, each transposed or not | `TiledProduct`; without wide vectors BLAS | all threads, or the calling one |
/// | rows times a `PackedFactor` | the kernels `product`, `narrow_product` | the calling thread |
/// | two sets of rows that are in a cache, the left ones transposed | the kernels `outer_product`, `narrow_outer_product` | the calling thread |
///
/// A packed factor pays off if many tiles are multiplied by the same matrix, as in convolutions and recurrences. Tile
/// borders depend only on the extents, so the bits do not depend on the number of threads. Products in double precision
/// are in `DoubleGemm`.
public enum Gemm {
    /// A factor: `rows` x `columns` in the product. If `isTransposed`, memory holds columns x rows.
    public struct Factor {
        /// bfloat16 only for products in that precision, and only for rows that are read in place: those of a left factor
        /// that is not transposed, or of both factors if only the left one is.
        let values: dk_values
        /// Elements between neighbouring rows in memory.
        let step: Int
        let isTransposed: Bool

        public init(_ pointer: UnsafePointer<Float>, step: Int, isTransposed: Bool = false) {
            self.init(dk_values(pointer), step: step, isTransposed: isTransposed)
        }

        init(_ values: dk_values, step: Int, isTransposed: Bool = false) {
            self.values = values
            self.step = step
            self.isTransposed = isTransposed
        }

        /// The first element; the values must be floats.
        var pointer: UnsafePointer<Float> { UnsafePointer(values.floats) }

        func from(row: Int, column: Int) -> Factor {
            Factor(
                values.from(isTransposed ? column * step + row : row * step + column), step: step,
                isTransposed: isTransposed)
        }
    }

    /// Rows of a matrix, few enough to stay in cache.
    struct Rows {
        /// bfloat16 only for products in that precision.
        let values: dk_values
        /// Elements from one row to the next.
        let step: Int
        let count: Int
        /// The number of following rows that are multiplied next, which are prefetched. 0 for scratch memory.
        let following: Int

        init(_ values: dk_values, step: Int, count: Int, following: Int = 0) {
            self.values = values
            self.step = step
            self.count = count
            self.following = following
        }

        init(_ pointer: UnsafePointer<Float>, step: Int, count: Int, following: Int = 0) {
            self.init(dk_values(pointer), step: step, count: count, following: following)
        }
    }

    /// Rows at multiples of this are whole register blocks of the kernels.
    static var blockRows: Int { dk_active.pointee.capabilities.block_rows }

    /// Rows at multiples of this are whole register blocks of the products in a precision.
    static func blockRows(for precision: ProductPrecision) -> Int { usesTiles(for: precision) ? 32 : blockRows }

    /// About as many rows, in whole register blocks of the products in a precision.
    static func wholeBlocks(_ rows: Int, _ precision: ProductPrecision) -> Int {
        let block = blockRows(for: precision)
        // A block of tiles that is half filled takes as long as a full one.
        let filled = usesTiles(for: precision) ? rows + block - 1 : rows
        return max(block, filled / block * block)
    }

    /// Whether a tile unit computes the products in a precision. Next to its speed, the time for packing factors and for
    /// moving sums matters, so callers give it larger parts of the matrices at a time than they give vectors.
    static func usesTiles(for precision: ProductPrecision) -> Bool {
        precision == .bfloat16 && dk_active.pointee.capabilities.has_tiles
    }

    /// How many rows `addOuterProducts` should get at a time if both factors together have `elements` in a row: as many as
    /// the second-level cache holds.
    static func outerProductRows(_ elements: Int, precision: ProductPrecision) -> Int {
        // All products of a pass over the depth of tiles, which are added before the sums are written.
        usesTiles(for: precision) ? 512 : max(16, cachedElements(for: precision) / elements)
    }

    /// The elements of the left factor that fit the second-level cache together with a panel of the other one, 256 kB; for
    /// the tile unit with a part of it, 512 kB each. More rows there read the right factor less often, from caches too far
    /// away to feed the unit.
    static func cachedElements(for precision: ProductPrecision) -> Int {
        usesTiles(for: precision) ? 1 << 18 : 1 << 16
    }

    /// Columns at multiples of this are whole vectors of the kernels, and whole blocks of BLAS.
    static let blockColumns = 64

    /// Throws if an extent is too large for the engines: BLAS uses 32-bit integers.
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
    ///   - step: the distance between rows of `c` in elements, at least `n`.
    ///   - m: rows of `a` and `c`.
    ///   - n: columns of `b` and `c`.
    ///   - k: columns of `a`, rows of `b`.
    ///   - alpha: multiplies the product.
    ///   - beta: multiplies the previous content of `c`, which is added.
    ///   - bias: [n], added to each row instead of the previous content of `c`; nil for none.
    ///   - weight: the tensor that `b` is, if `alpha` is 1 and it may be kept in its packed form (see `PackedWeights`).
    ///   - precision: the arithmetic.
    public static func multiply(
        _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float = 1, beta: Float = 0, bias: UnsafePointer<Float>? = nil, weight: Tensor? = nil,
        precision: ProductPrecision
    ) {
        multiply(
            a, b, into: dk_values(c), step: step, m: m, n: n, k: k, alpha: alpha, beta: beta, bias: bias,
            weight: weight, precision: precision)
    }

    /// The same product. `c` may also be bfloat16 if the precision is and `beta` is 0: each sum is then rounded once.
    static func multiply(
        _ a: Factor, _ b: Factor, into c: dk_values, step: Int, m: Int, n: Int, k: Int, alpha: Float = 1,
        beta: Float = 0, bias: UnsafePointer<Float>? = nil, weight: Tensor? = nil, precision: ProductPrecision
    ) {
        guard m > 0, n > 0 else { return }
        precondition(!c.are_narrow || beta == 0, "sums are floats")
        let product = TiledProduct(m: m, n: n, k: k, precision: precision)
        let packsRight = !usesBLAS(for: precision) && product.packsRight(a, b)
        let tiling = GemmTiling(m, n, k, precision, sharesColumns: packsRight)
        if c.are_narrow, tiling.parts > 1 || !product.addsOnce(a, b) {
            let sums = Storage(count: m * n)
            multiply(
                a, b, into: sums.pointer, step: n, m: m, n: n, k: k, alpha: alpha, bias: bias, weight: weight,
                precision: precision)
            ThreadPool.shared.forEachRange(m, grain: max(1, Elementwise.grain / n)) { rows in
                for row in rows { c.from(row * step).store(sums.pointer + row * n, count: n) }
            }
            return withExtendedLifetime(sums) {}
        }
        if tiling.parts > 1 {
            if let bias { TiledProduct.fill(c.floats, step: step, rows: m, columns: n, with: bias) }
            multiplyInParts(
                tiling, a, b, into: c.floats, step: step, m: m, n: n, k: k, alpha: alpha, beta: bias == nil ? beta : 1,
                precision: precision)
            return
        }
        // The factors of all tiles of columns, packed on all threads.
        func packedColumns() -> [PackedFactor] {
            (0..<tiling.columnTiles).flatMap { tile in
                let columns = tiling.tile(tile, m, n).columns
                return TiledProduct(m: m, n: columns.count, k: k, precision: precision)
                    .packed(b.from(row: 0, column: columns.lowerBound), times: alpha)
            }
        }
        let isKept = weight != nil && PackedWeights.areKept
        let isShared = packsRight && (isKept || tiling.tiles > tiling.columnTiles)
        let form = PackedWeights.Form.columns(tile: tiling.columnTile)
        let packed =
            !isShared
            ? nil
            : weight.map { PackedWeights.factors(of: $0, form, precision, make: packedColumns) } ?? packedColumns()
        let parts = packed.map { $0.count / tiling.columnTiles } ?? 0
        ThreadPool.shared.forEach(tiling.tiles) { tile in
            let (rows, columns) = tiling.tile(tile, m, n)
            let first = tile % tiling.columnTiles * parts
            multiplySerially(
                a.from(row: rows.lowerBound, column: 0), b.from(row: 0, column: columns.lowerBound),
                into: c.from(rows.lowerBound * step + columns.lowerBound), step: step, m: rows.count,
                n: columns.count, k: k, alpha: alpha, beta: beta, bias: bias.map { $0 + columns.lowerBound },
                packed: packed?[first..<first + parts], precision: precision)
        }
    }

    /// Whether BLAS computes the products. Without wide vectors the kernels are plain C, and OpenBLAS is faster.
    private static func usesBLAS(for precision: ProductPrecision) -> Bool {
        precision == .float32 && dk_active.pointee.capabilities.vector_floats < 8
    }

    /// The same product on the calling thread, for ops with their own tiles.
    public static func multiplySerially(
        _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float = 1, beta: Float = 0, bias: UnsafePointer<Float>? = nil, precision: ProductPrecision
    ) {
        multiplySerially(
            a, b, into: dk_values(c), step: step, m: m, n: n, k: k, alpha: alpha, beta: beta, bias: bias, packed: nil,
            precision: precision)
    }

    private static func multiplySerially(
        _ a: Factor, _ b: Factor, into c: dk_values, step: Int, m: Int, n: Int, k: Int, alpha: Float, beta: Float,
        bias: UnsafePointer<Float>?, packed: ArraySlice<PackedFactor>?, precision: ProductPrecision
    ) {
        guard m > 0, n > 0 else { return }
        if usesBLAS(for: precision) {
            if let bias { TiledProduct.fill(c.floats, step: step, rows: m, columns: n, with: bias) }
            BLAS.multiply(
                a, b, into: c.floats, step: step, m: m, n: n, k: k, alpha: alpha, beta: bias == nil ? beta : 1)
        } else {
            TiledProduct(m: m, n: n, k: k, precision: precision)
                .multiply(a, b, into: c, step: step, alpha: alpha, beta: beta, bias: bias, packed: packed)
        }
    }

    /// c = a b, c += a b if `accumulate`, or c = a b + a bias, on the calling thread, in the precision that `b` was packed
    /// for.
    ///
    /// - Parameters:
    ///   - a: rows of `b.depth` elements.
    ///   - c: [a.count, b.columns], rows `step` apart; read only if `accumulate`. bfloat16 only for products in that
    ///     precision that are not accumulated: the sums are rounded once.
    ///   - bias: [b.columns], added to each row; nil for none. Not together with `accumulate`.
    static func multiplySerially(
        _ a: Rows, _ b: PackedFactor, into c: dk_values, step: Int, accumulate: Bool = false,
        bias: UnsafePointer<Float>? = nil
    ) {
        precondition(!accumulate || !c.are_narrow && bias == nil, "sums are floats")
        switch b.precision {
        case .float32:
            if let bias { TiledProduct.fill(c.floats, step: step, rows: a.count, columns: b.columns, with: bias) }
            dk_active.pointee.product(
                a.values.floats, a.step, b.pointer, c.floats, step, a.count, b.depth, b.columns,
                accumulate || bias != nil)
        case .bfloat16:
            let scratch = Storage(count: a.count * (b.depth + 1 + (c.are_narrow ? b.columns : 0)))
            dk_active.pointee.narrow_product(
                a.values, a.step, b.pointer, accumulate ? UnsafePointer(c.floats) : bias, accumulate ? step : 0, c,
                step, a.count, b.depth, b.columns, scratch.pointer)
            withExtendedLifetime(scratch) {}
        }
    }

    static func multiplySerially(
        _ a: Rows, _ b: PackedFactor, into c: UnsafeMutablePointer<Float>, step: Int, accumulate: Bool = false,
        bias: UnsafePointer<Float>? = nil
    ) {
        multiplySerially(a, b, into: dk_values(c), step: step, accumulate: accumulate, bias: bias)
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
                a.values.floats, a.step, a.following, b.values.floats, b.step, b.following, c, step, a.count, m, n)
        case .bfloat16:
            let scratch = Storage(count: (a.count + 1) * (m + n))
            dk_active.pointee.narrow_outer_product(
                a.values, a.step, b.values, b.step, c, step, a.count, m, n, scratch.pointer)
            withExtendedLifetime(scratch) {}
        }
    }

    /// For a small result with a long inner axis, such as the gradient of a weight: parts of the inner axis are
    /// multiplied in parallel and added in order.
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
