import CKernels
import KitCore

extension AttentionTiles {
    /// Fills the gradients of all factors.
    ///
    /// With weights P, the result o = P v and its gradient do: dv = Pᵀ do; dP = do vᵀ; for the scores s, ds = P (dP - Σ do o);
    /// dq = scale ds k; dk = scale dsᵀ q; and each position term gets the sum of ds over the keys at its place.
    func addGradients(
        _ factors: Factors, result: Tensor, shifts: Tensor, of gradient: Tensor, into gradients: Factors
    ) {
        let (output, logarithms, incoming) = (result.pointer, shifts.pointer, gradient.pointer)
        // What each part of a head's queries adds to the gradients of keys and values: [part, sample, head, 2, keys, width].
        let (pairs, size) = (batch * heads, keys * width)
        let partial = Storage(count: parts * pairs * 2 * size)
        let sums = partial.pointer
        forEachTask(factors) { head, part, rows in
            let pair = head.sample * heads + head.head
            let own = sums + (part * pairs + pair) * 2 * size
            own.update(repeating: 0, count: 2 * size)
            let place = head.sample * queries * features + head.head * width
            let into = Head(gradients, self, sample: head.sample, head: head.head)
            let means = Storage(count: rows.count)
            fillMeans(head, rows, result: output + place, gradient: incoming + place, into: means.pointer)
            let scratch = Storage(count: 2 * tileRows * keyBlock)
            let (tile, slopes) = (scratch.pointer, scratch.pointer + tileRows * keyBlock)
            forEachBlock { block in
                let packed = KeyBlock(head, block, self)
                let keyRows = pack(packed.scaled.pointer, block.count, step: width)
                let valueColumns = packTransposed(
                    head.values + block.lowerBound * features, block.count, step: features)
                let placeColumns = places.map { $0.packedTransposed(block, precision) }
                forEachTile(rows) { range in
                    let from = Gemm.Rows(
                        incoming + place + range.lowerBound * features, step: features, count: range.count)
                    packed.scores(head, range, self, into: tile)
                    Gemm.multiplySerially(from, valueColumns, into: slopes, step: block.count)
                    dk_active.pointee.attention_gradient(
                        tile, slopes, block.count, range.count, block.count,
                        logarithms + pair * queries + range.lowerBound,
                        means.pointer + range.lowerBound - rows.lowerBound)
                    let slopeRows = Gemm.Rows(slopes, step: block.count, count: range.count)
                    Gemm.multiplySerially(
                        slopeRows, keyRows, into: into.queries + range.lowerBound * features, step: features,
                        accumulate: block.lowerBound > 0)
                    if let placeColumns, let terms = into.terms {
                        Gemm.multiplySerially(
                            slopeRows, placeColumns, into: terms + range.lowerBound * termStep, step: termStep,
                            accumulate: block.lowerBound > 0)
                    }
                    let first = own + block.lowerBound * width
                    Gemm.addOuterProducts(
                        slopeRows,
                        Gemm.Rows(head.queries + range.lowerBound * features, step: features, count: range.count),
                        into: first, step: width, m: block.count, n: width, precision: precision)
                    Gemm.addOuterProducts(
                        Gemm.Rows(tile, step: block.count, count: range.count), from, into: first + size, step: width,
                        m: block.count, n: width, precision: precision)
                }
                withExtendedLifetime(packed) {}
            }
            forEachAdded(rows) { added in
                let (x, y) = (
                    incoming + place + added.lowerBound * features, into.queries + added.lowerBound * features
                )
                dk_active.pointee.add(y, features, 1, x, features, 1, y, features, added.count, width)
            }
            withExtendedLifetime((means, scratch)) {}
        }
        addParts(sums, pairs: pairs, into: gradients)
        withExtendedLifetime((result, shifts, gradient, gradients, partial)) {}
    }

    /// Σ do o for each query, o being the result without an added query.
    private func fillMeans(
        _ head: Head, _ rows: Range<Int>, result: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
        into means: UnsafeMutablePointer<Float>
    ) {
        func dot(_ x: UnsafePointer<Float>, _ row: Int) -> Double {
            var sum = 0.0
            dk_active.pointee.dot(x + row * features, gradient + row * features, width, &sum)
            return sum
        }
        for row in rows { means[row - rows.lowerBound] = Float(dot(result, row)) }
        forEachAdded(rows) { added in
            for row in added {
                means[row - rows.lowerBound] = Float(dot(result, row) - dot(head.queries, row))
            }
        }
    }

    /// The gradients of keys and values: the sums over parts, in order.
    private func addParts(_ sums: UnsafeMutablePointer<Float>, pairs: Int, into gradients: Factors) {
        let (dk, dv, size) = (gradients.keys.pointer, gradients.values.pointer, keys * width)
        ThreadPool.shared.forEach(pairs) { pair in
            let own = sums + pair * 2 * size
            for part in 1..<max(1, parts) {
                let other = sums + (part * pairs + pair) * 2 * size
                dk_active.pointee.add(own, 0, 1, other, 0, 1, own, 0, 1, 2 * size)
            }
            let place = pair / heads * keys * features + pair % heads * width
            var scale = scale
            dk_active.pointee.multiply(own, width, 1, &scale, 0, 0, dk + place, features, keys, width)
            dk_active.pointee.keep_left(
                own + size, width, 1, own + size, width, 1, dv + place, features, keys, width)
        }
    }
}

extension AttentionPlaces {
    /// The transposed matrix of some keys, [keys, places], as the right factor of a product.
    fileprivate func packedTransposed(_ keys: Range<Int>, _ precision: ProductPrecision) -> PackedFactor {
        let matrix = matrix(keys)
        defer { withExtendedLifetime(matrix) {} }
        return PackedFactor(
            matrix.pointer, depth: keys.count, columns: count, depthStep: 1, columnStep: keys.count,
            precision: precision)
    }
}
