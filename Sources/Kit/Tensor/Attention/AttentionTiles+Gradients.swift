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
        let (output, logarithms, incoming) = (result.elements, shifts.pointer, gradient.elements)
        let queryGradients = gradients.queries.elements
        // What each part of a head's queries adds to the gradients of keys and values: [part, sample, head, 2, keys, width].
        let (pairs, size) = (batch * heads, keys * width)
        let partial = Storage(count: parts * pairs * 2 * size)
        let sums = partial.pointer
        forEachTask(factors) { task in
            let (pair, count) = (task.sample * heads + task.head, task.rows.count)
            let own = sums + (task.part * pairs + pair) * 2 * size
            own.update(repeating: 0, count: 2 * size)
            let first = place(task.sample, task.head, query: task.rows.lowerBound)
            let slope = FloatRows(incoming.from(first), step: features, rows: count, columns: width)
            let into = WrittenRows(queryGradients.from(first), step: features, rows: count, columns: width)
            let terms = gradients.terms.map { self.terms($0, task.sample, task.head, query: task.rows.lowerBound) }
            let means = Storage(count: count)
            fillMeans(
                task, result: FloatRows(output.from(first), step: features, rows: count, columns: width),
                gradient: slope, into: means.pointer)
            let scratch = Storage(count: 2 * tileRows * keyBlock)
            let (tile, slopes) = (scratch.pointer, scratch.pointer + tileRows * keyBlock)
            forEachBlock { block in
                let packed = KeyBlock(task, block, self)
                let keyRows = pack(packed.scaled.pointer, block.count, step: width)
                let valueColumns = packTransposed(
                    task.values.pointer(block.lowerBound), block.count, step: task.values.step)
                let placeColumns = places.map { $0.packedTransposed(block, precision) }
                forEachTile(count) { range in
                    let from = slope.rows(range)
                    packed.scores(task, range, self, into: tile)
                    Gemm.multiplySerially(from, valueColumns, into: slopes, step: block.count)
                    dk_active.pointee.attention_gradient(
                        tile, slopes, block.count, range.count, block.count,
                        logarithms + pair * queries + task.rows.lowerBound + range.lowerBound,
                        means.pointer + range.lowerBound)
                    let slopeRows = Gemm.Rows(slopes, step: block.count, count: range.count)
                    Gemm.multiplySerially(
                        slopeRows, keyRows, into: into.pointer(range.lowerBound), step: into.step,
                        accumulate: block.lowerBound > 0)
                    if let placeColumns, let terms {
                        Gemm.multiplySerially(
                            slopeRows, placeColumns, into: terms + range.lowerBound * termStep, step: termStep,
                            accumulate: block.lowerBound > 0)
                    }
                    let first = own + block.lowerBound * width
                    Gemm.addOuterProducts(
                        slopeRows, task.queries.rows(range), into: first, step: width, m: block.count, n: width,
                        precision: precision)
                    Gemm.addOuterProducts(
                        Gemm.Rows(tile, step: block.count, count: range.count), from, into: first + size, step: width,
                        m: block.count, n: width, precision: precision)
                }
                withExtendedLifetime(packed) {}
            }
            addQueries(slope, of: task.rows, to: into)
            into.store()
            withExtendedLifetime((task, slope, means, scratch)) {}
        }
        addParts(sums, pairs: pairs, into: gradients)
        withExtendedLifetime((result, shifts, gradient, gradients, partial)) {}
    }

    /// Σ do o for each query of a task, o being the result without an added query.
    private func fillMeans(
        _ task: Task, result: FloatRows, gradient: FloatRows, into means: UnsafeMutablePointer<Float>
    ) {
        func dot(_ x: FloatRows, _ row: Int) -> Double {
            var sum = 0.0
            dk_active.pointee.dot(x.pointer(row), gradient.pointer(row), width, &sum)
            return sum
        }
        for row in 0..<task.rows.count { means[row] = Float(dot(result, row)) }
        for row in added(task.rows) { means[row] = Float(dot(result, row) - dot(task.queries, row)) }
        withExtendedLifetime((task, result, gradient)) {}
    }

    /// The gradients of keys and values: the sums over parts, in order.
    private func addParts(_ sums: UnsafeMutablePointer<Float>, pairs: Int, into gradients: Factors) {
        let (dk, dv, size) = (gradients.keys.elements, gradients.values.elements, keys * width)
        ThreadPool.shared.forEach(pairs) { pair in
            let own = sums + pair * 2 * size
            for part in 1..<max(1, parts) {
                let other = sums + (part * pairs + pair) * 2 * size
                dk_active.pointee.add(own, 0, 1, other, 0, 1, own, 0, 1, 2 * size)
            }
            var scale = scale
            dk_active.pointee.multiply(own, width, 1, &scale, 0, 0, own, width, keys, width)
            for key in 0..<keys {
                let place = self.place(pair / heads, pair % heads, key: key)
                dk.from(place).store(own + key * width, count: width)
                dv.from(place).store(own + size + key * width, count: width)
            }
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
