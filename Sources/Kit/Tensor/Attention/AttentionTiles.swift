import CKernels
import Glibc
import KitCore

/// The work of attention: how it is split, and its forward pass.
///
/// A task has some queries of one head of one sample. It passes the keys in blocks, and for each block its queries in
/// tiles whose scores fit the second-level cache. Borders depend only on the extents.
struct AttentionTiles {
    let batch: Int
    let queries: Int
    let keys: Int
    let heads: Int
    /// Features of a head.
    let width: Int
    let scale: Float
    let places: AttentionPlaces?
    let added: Tensor.AddedQueries
    let precision: ProductPrecision

    /// The tensors that attention is computed from, or their gradients.
    struct Factors {
        let queries: Tensor
        let keys: Tensor
        let values: Tensor
        /// Position terms.
        let terms: Tensor?

        init(_ queries: Tensor, _ keys: Tensor, _ values: Tensor, _ terms: Tensor?) {
            (self.queries, self.keys, self.values, self.terms) = (queries, keys, values, terms)
        }
    }

    /// One task: some queries of a head, with all of its keys and values.
    struct Task {
        let sample: Int
        let head: Int
        /// Which part of the head's queries these are.
        let part: Int
        /// The task's queries.
        let rows: Range<Int>
        let queries: FloatRows
        /// All keys of the head.
        let keys: FloatRows
        let values: FloatRows
        /// The first position term of the first query.
        let terms: UnsafeMutablePointer<Float>?

        init(_ factors: Factors, _ tiles: AttentionTiles, sample: Int, head: Int, part: Int) {
            (self.sample, self.head, self.part) = (sample, head, part)
            rows = part * tiles.taskRows..<min(tiles.queries, (part + 1) * tiles.taskRows)
            queries = FloatRows(
                factors.queries.elements.from(tiles.place(sample, head, query: rows.lowerBound)), step: tiles.features,
                rows: rows.count, columns: tiles.width)
            func all(_ tensor: Tensor) -> FloatRows {
                FloatRows(
                    tensor.elements.from(tiles.place(sample, head, key: 0)), step: tiles.features, rows: tiles.keys,
                    columns: tiles.width)
            }
            (keys, values) = (all(factors.keys), all(factors.values))
            let first = rows.lowerBound
            terms = factors.terms.map { tiles.terms($0, sample, head, query: first) }
        }
    }

    /// The index of the first element of a query of a head.
    func place(_ sample: Int, _ head: Int, query: Int) -> Int { (sample * queries + query) * features + head * width }

    /// The index of the first element of a key of a head.
    func place(_ sample: Int, _ head: Int, key: Int) -> Int { (sample * keys + key) * features + head * width }

    /// The position terms of a query and head.
    func terms(_ tensor: Tensor, _ sample: Int, _ head: Int, query: Int) -> UnsafeMutablePointer<Float> {
        tensor.pointer + ((sample * queries + query) * heads + head) * placeCount
    }

    /// Elements from one token to the next.
    var features: Int { heads * width }
    var placeCount: Int { places?.count ?? 0 }
    /// Elements from one query's position terms to the next.
    var termStep: Int { heads * placeCount }

    /// The keys of a block. All keys of a block are in the second-level cache, packed.
    var keyBlock: Int { min(keys, 1024) }
    /// The queries of a tile.
    var tileRows: Int { max(48, min(192, (1 << 15) / keyBlock / 24 * 24)) }

    /// The queries of a task: few enough for 16 tasks, which are enough for all threads, but never less than 256. At most
    /// eight parts of a head keep the memory of their partial gradients small.
    var taskRows: Int {
        let parts = max(1, min(8, (16 + batch * heads - 1) / (batch * heads), queries / 256))
        return max(24, ((queries + parts - 1) / parts + 23) / 24 * 24)
    }
    var parts: Int { max(1, (queries + taskRows - 1) / taskRows) }

    /// Calls `body` for each task, on all threads.
    func forEachTask(_ factors: Factors, _ body: (Task) -> Void) {
        // Values that are not in memory yet are computed here, not by several threads at once.
        for tensor in [factors.queries, factors.keys, factors.values] { tensor.settle() }
        ThreadPool.shared.forEach(batch * heads * parts) { index in
            let pair = index / parts
            guard !ThreadPool.isAbandoned else { return }
            body(Task(factors, self, sample: pair / heads, head: pair % heads, part: index % parts))
        }
        withExtendedLifetime(factors) {}
    }

    /// Calls `body` for each block of keys.
    func forEachBlock(_ body: (Range<Int>) -> Void) {
        for first in stride(from: 0, to: keys, by: keyBlock) where !ThreadPool.isAbandoned {
            body(first..<min(keys, first + keyBlock))
        }
    }

    /// Calls `body` for each tile of a number of queries.
    func forEachTile(_ count: Int, _ body: (Range<Int>) -> Void) {
        for first in stride(from: 0, to: count, by: tileRows) { body(first..<min(count, first + tileRows)) }
    }

    /// Fills the result and, for the gradient, ln Σ exp of each query's scores: [batch, heads, queries].
    func apply(_ factors: Factors, into result: Tensor, shifts: Tensor) {
        let (output, logarithms) = (result.elements, shifts.pointer)
        forEachTask(factors) { task in
            let rows = task.rows
            let out = WrittenRows(
                output.from(place(task.sample, task.head, query: rows.lowerBound)), step: features, rows: rows.count,
                columns: width)
            let shift = logarithms + (task.sample * heads + task.head) * queries + rows.lowerBound
            // Of each query: the maximum of its scores, the sum of its weights, and a factor.
            let state = Storage(count: 3 * rows.count)
            let (maximum, sum, factor) = (
                state.pointer, state.pointer + rows.count, state.pointer + 2 * rows.count
            )
            maximum.update(repeating: -.infinity, count: rows.count)
            sum.update(repeating: 0, count: rows.count)
            let tile = Storage(count: tileRows * keyBlock)
            forEachBlock { block in
                let packed = KeyBlock(task, block, self)
                let values = pack(task.values.pointer(block.lowerBound), block.count, step: task.values.step)
                forEachTile(rows.count) { range in
                    let first = range.lowerBound
                    packed.scores(task, range, self, into: tile.pointer)
                    dk_active.pointee.attention_weights(
                        tile.pointer, block.count, range.count, block.count, maximum + first, sum + first,
                        factor + first)
                    if block.lowerBound > 0 { multiply(out, range, by: factor + first) }
                    Gemm.multiplySerially(
                        Gemm.Rows(tile.pointer, step: block.count, count: range.count), values,
                        into: out.pointer(first), step: out.step, accumulate: block.lowerBound > 0)
                }
            }
            for row in 0..<rows.count {
                factor[row] = 1 / sum[row]
                shift[row] = maximum[row] + Float(log(Double(sum[row])))
            }
            multiply(out, 0..<rows.count, by: factor)
            addQueries(task.queries, of: rows, to: out)
            out.store()
            withExtendedLifetime((task, state, tile)) {}
        }
        withExtendedLifetime((result, shifts)) {}
    }

    /// Adds the rows of those of some queries that are added to the result.
    func addQueries(_ x: FloatRows, of rows: Range<Int>, to y: WrittenRows) {
        let added = self.added(rows)
        guard !added.isEmpty else { return }
        let to = y.pointer(added.lowerBound)
        dk_active.pointee.add(
            to, y.step, 1, x.pointer(added.lowerBound), x.step, 1, to, y.step, added.count, width)
    }

    /// Those of some queries that are added to the result, counted from the first of these.
    func added(_ rows: Range<Int>) -> Range<Int> {
        switch added {
        case .none: 0..<0
        case .all: 0..<rows.count
        case .allButFirst: (rows.lowerBound == 0 ? 1 : 0)..<rows.count
        }
    }

    /// Rows [tokens, width] of one head as the right factor of a product.
    func pack(_ rows: UnsafePointer<Float>, _ count: Int, step: Int) -> PackedFactor {
        PackedFactor(rows, depth: count, columns: width, depthStep: step, columnStep: 1, precision: precision)
    }

    /// The same rows transposed: [width, tokens].
    func packTransposed(_ rows: UnsafePointer<Float>, _ count: Int, step: Int) -> PackedFactor {
        PackedFactor(rows, depth: width, columns: count, depthStep: 1, columnStep: step, precision: precision)
    }

    private func multiply(_ x: WrittenRows, _ range: Range<Int>, by factors: UnsafePointer<Float>) {
        let first = x.pointer(range.lowerBound)
        dk_active.pointee.multiply(first, x.step, 1, factors, 1, 0, first, x.step, range.count, width)
    }
}

/// A block of keys, as the right factor of the scores.
struct KeyBlock {
    let range: Range<Int>
    /// The keys times the scale: [keys, width].
    let scaled: Storage
    private let keys: PackedFactor
    /// The places of the keys: [places, keys].
    private let places: PackedFactor?

    init(_ task: AttentionTiles.Task, _ range: Range<Int>, _ tiles: AttentionTiles) {
        self.range = range
        scaled = Storage(count: range.count * tiles.width)
        var scale = tiles.scale
        dk_active.pointee.multiply(
            task.keys.pointer(range.lowerBound), task.keys.step, 1, &scale, 0, 0, scaled.pointer, tiles.width,
            range.count, tiles.width)
        keys = tiles.packTransposed(scaled.pointer, range.count, step: tiles.width)
        places = tiles.places.map { places in
            let matrix = places.matrix(range)
            defer { withExtendedLifetime(matrix) {} }
            return PackedFactor(
                matrix.pointer, depth: places.count, columns: range.count, depthStep: range.count, columnStep: 1,
                precision: tiles.precision)
        }
    }

    /// Fills a tile [rows, keys] with scores.
    ///
    /// - Parameter rows: some of the task's queries, counted from its first.
    func scores(
        _ task: AttentionTiles.Task, _ rows: Range<Int>, _ tiles: AttentionTiles,
        into tile: UnsafeMutablePointer<Float>
    ) {
        Gemm.multiplySerially(task.queries.rows(rows), keys, into: tile, step: range.count)
        if let places, let terms = task.terms {
            Gemm.multiplySerially(
                Gemm.Rows(terms + rows.lowerBound * tiles.termStep, step: tiles.termStep, count: rows.count), places,
                into: tile, step: range.count, accumulate: true)
        }
    }
}
