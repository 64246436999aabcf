import CKernels
import KitCore

/// The engine behind `Gemm` for unpacked factors: tiles of the kit's kernels, on the calling thread. The right factor is
/// packed, unless only the left one is transposed: then both are read in place, as in the gradient of a weight.
///
/// Tiles fit the second-level cache. Their borders depend only on the extents.
struct TiledProduct {
    let m: Int
    let n: Int
    let k: Int
    let precision: ProductPrecision

    /// The largest inner extent of a packed factor. Longer ones are packed in parts.
    private static let mostDepth = 1024
    /// The largest number of rows for which the left factor is packed instead of the right one. The right one is then
    /// read once, in place.
    private static let fewRows = 16

    /// Whether `multiply` packs the right factor.
    func packsRight(_ a: Gemm.Factor, _ b: Gemm.Factor) -> Bool {
        k > 0 && !isFew(a, b) && (!a.isTransposed || b.isTransposed)
    }

    /// Whether one pass over the inner axis computes each result, which can then be rounded as it is stored.
    func addsOnce(_ a: Gemm.Factor, _ b: Gemm.Factor) -> Bool { packsRight(a, b) && k <= Self.mostDepth }

    private func isFew(_ a: Gemm.Factor, _ b: Gemm.Factor) -> Bool {
        m <= Self.fewRows && m < n && b.isTransposed && !a.isTransposed
    }

    /// C = alpha A B + beta C, as `Gemm.multiplySerially`; with a bias [n], alpha A B + the bias of each column.
    ///
    /// - Parameters:
    ///   - c: bfloat16 only if `addsOnce`, and `beta` is 0.
    ///   - packed: what `packed(_:times:)` returns for the right factor; nil packs it here.
    func multiply(
        _ a: Gemm.Factor, _ b: Gemm.Factor, into c: dk_values, step: Int, alpha: Float, beta: Float,
        bias: UnsafePointer<Float>? = nil, packed: ArraySlice<PackedFactor>? = nil
    ) {
        guard !ThreadPool.isAbandoned else { return }
        if packed != nil || packsRight(a, b) {
            if bias == nil, beta != 0, beta != 1 { scale(c.floats, step: step, rows: m, columns: n, by: beta) }
            addPacked(
                a, b, into: c, step: step, alpha: alpha, overwrites: bias != nil || beta == 0, bias: bias,
                packed: packed)
            return
        }
        let c = c.floats
        if let bias {
            Self.fill(c, step: step, rows: m, columns: n, with: bias)
        } else if beta != 1 {
            scale(c, step: step, rows: m, columns: n, by: beta)
        }
        guard k > 0 else { return }
        if isFew(a, b) {
            addTransposed(a, b, into: c, step: step, alpha: alpha)
        } else {
            addOuter(a, b, into: c, step: step, alpha: alpha)
        }
    }

    /// Fills each row of a matrix with the same values.
    static func fill(
        _ c: UnsafeMutablePointer<Float>, step: Int, rows: Int, columns: Int, with row: UnsafePointer<Float>
    ) {
        dk_active.pointee.keep_left(row, 0, 1, row, 0, 1, c, step, rows, columns)
    }

    /// The packed parts of alpha b.
    func packed(_ b: Gemm.Factor, times alpha: Float) -> [PackedFactor] {
        stride(from: 0, to: k, by: Self.mostDepth).map { packed(b, times: alpha, from: $0) }
    }

    /// The packed part of alpha b that begins at a row.
    private func packed(_ b: Gemm.Factor, times alpha: Float, from start: Int) -> PackedFactor {
        let depth = min(Self.mostDepth, k - start)
        let right = b.from(row: start, column: 0)
        let scaled = alpha == 1 ? nil : Storage(count: depth * n)
        if let scaled {
            // In the order in memory of `b`.
            let (rows, columns) = b.isTransposed ? (n, depth) : (depth, n)
            copy(right.pointer, step: right.step, rows: rows, columns: columns, times: alpha, to: scaled.pointer)
        }
        let (first, length) =
            scaled.map { (UnsafePointer($0.pointer), b.isTransposed ? depth : n) } ?? (right.pointer, right.step)
        defer { withExtendedLifetime(scaled) {} }
        return PackedFactor(
            first, depth: depth, columns: n, depthStep: b.isTransposed ? 1 : length,
            columnStep: b.isTransposed ? length : 1, precision: precision)
    }

    /// c += alpha a b, for parts of the inner axis, each with its own packed part of `b`. The first part overwrites `c` with
    /// its product and the bias, if it should.
    private func addPacked(
        _ a: Gemm.Factor, _ b: Gemm.Factor, into c: dk_values, step: Int, alpha: Float, overwrites: Bool,
        bias: UnsafePointer<Float>?, packed known: ArraySlice<PackedFactor>?
    ) {
        for (part, start) in stride(from: 0, to: k, by: Self.mostDepth).enumerated() where !ThreadPool.isAbandoned {
            let factor = known.map { $0[$0.startIndex + part] } ?? packed(b, times: alpha, from: start)
            let depth = factor.depth
            // Sums that are to be rounded are in the cache, too.
            let elements = max(depth, c.are_narrow && !Gemm.usesTiles(for: precision) ? 2 * n : 0)
            let grain = Gemm.wholeBlocks(Gemm.cachedElements(for: precision) / elements, precision)
            let turned = a.isTransposed ? Storage(count: min(grain, m) * depth) : nil
            for row in stride(from: 0, to: m, by: grain) where !ThreadPool.isAbandoned {
                let count = min(grain, m - row)
                let left = a.from(row: row, column: start)
                if let turned {
                    dk_active.pointee.transpose(left.pointer, left.step, turned.pointer, depth, count, depth)
                }
                Gemm.multiplySerially(
                    turned.map { Gemm.Rows($0.pointer, step: depth, count: count) }
                        ?? Gemm.Rows(left.values, step: left.step, count: count), factor, into: c.from(row * step),
                    step: step, accumulate: start > 0 || !overwrites, bias: start == 0 ? bias : nil)
            }
            withExtendedLifetime((factor, turned)) {}
        }
    }

    /// c += alpha aᵀ b for rows of both factors in memory.
    private func addOuter(
        _ a: Gemm.Factor, _ b: Gemm.Factor, into c: UnsafeMutablePointer<Float>, step: Int, alpha: Float
    ) {
        let grain = Gemm.outerProductRows(m + n, precision: precision)
        let scaled = alpha == 1 ? nil : Storage(count: min(grain, k) * n)
        for start in stride(from: 0, to: k, by: grain) where !ThreadPool.isAbandoned {
            let (count, following) = (min(grain, k - start), max(0, min(grain, k - start - grain)))
            let right = b.values.from(start * b.step)
            if let scaled {
                copy(right.floats, step: b.step, rows: count, columns: n, times: alpha, to: scaled.pointer)
            }
            Gemm.addOuterProducts(
                Gemm.Rows(a.values.from(start * a.step), step: a.step, count: count, following: following),
                scaled.map { Gemm.Rows($0.pointer, step: n, count: count) }
                    ?? Gemm.Rows(right, step: b.step, count: count, following: following), into: c, step: step, m: m,
                n: n, precision: precision)
        }
        withExtendedLifetime(scaled) {}
    }

    /// c += alpha a b from the transposed product, of which the few rows of `a` are the packed factor.
    private func addTransposed(
        _ a: Gemm.Factor, _ b: Gemm.Factor, into c: UnsafeMutablePointer<Float>, step: Int, alpha: Float
    ) {
        let widened = FloatRows(a.values, step: a.step, rows: m, columns: k)
        let factor = PackedFactor(
            widened.pointer, depth: k, columns: m, depthStep: 1, columnStep: widened.step, precision: precision)
        let grain = Gemm.wholeBlocks(Gemm.cachedElements(for: precision) / k, precision)
        let products = Storage(count: min(grain, n) * m)
        for column in stride(from: 0, to: n, by: grain) where !ThreadPool.isAbandoned {
            let count = min(grain, n - column)
            Gemm.multiplySerially(
                Gemm.Rows(b.pointer + column * b.step, step: b.step, count: count), factor, into: products.pointer,
                step: m)
            for row in 0..<m {
                let result = c + row * step + column
                for index in 0..<count { result[index] += alpha * products.pointer[index * m + row] }
            }
        }
        withExtendedLifetime((widened, factor, products)) {}
    }

    /// Multiplies in place; zero also replaces what is not finite.
    private func scale(
        _ c: UnsafeMutablePointer<Float>, step: Int, rows: Int, columns: Int, by factor: Float
    ) {
        guard factor == 0 else {
            var factor = factor
            return dk_active.pointee.multiply(c, step, 1, &factor, 0, 0, c, step, rows, columns)
        }
        for row in 0..<rows { (c + row * step).update(repeating: 0, count: columns) }
    }

    /// Contiguous rows times a factor.
    private func copy(
        _ x: UnsafePointer<Float>, step: Int, rows: Int, columns: Int, times factor: Float,
        to result: UnsafeMutablePointer<Float>
    ) {
        var factor = factor
        dk_active.pointee.multiply(x, step, 1, &factor, 0, 0, result, columns, rows, columns)
    }
}
