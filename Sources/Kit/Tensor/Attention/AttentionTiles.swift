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

    /// One head of one sample: the first elements of its rows.
    struct Head {
        let sample: Int
        let head: Int
        let queries: UnsafeMutablePointer<Float>
        let keys: UnsafeMutablePointer<Float>
        let values: UnsafeMutablePointer<Float>
        let terms: UnsafeMutablePointer<Float>?

        init(_ factors: Factors, _ tiles: AttentionTiles, sample: Int, head: Int) {
            (self.sample, self.head) = (sample, head)
            queries = factors.queries.pointer + sample * tiles.queries * tiles.features + head * tiles.width
            let key = sample * tiles.keys * tiles.features + head * tiles.width
            (keys, values) = (factors.keys.pointer + key, factors.values.pointer + key)
            terms = factors.terms.map {
                $0.pointer + (sample * tiles.queries * tiles.heads + head) * tiles.placeCount
            }
        }
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
    func forEachTask(_ factors: Factors, _ body: (Head, _ part: Int, _ rows: Range<Int>) -> Void) {
        ThreadPool.shared.forEach(batch * heads * parts) { index in
            let (pair, part) = (index / parts, index % parts)
            let rows = part * taskRows..<min(queries, (part + 1) * taskRows)
            guard !ThreadPool.isAbandoned else { return }
            body(Head(factors, self, sample: pair / heads, head: pair % heads), part, rows)
        }
        withExtendedLifetime(factors) {}
    }

    /// Calls `body` for each block of keys.
    func forEachBlock(_ body: (Range<Int>) -> Void) {
        for first in stride(from: 0, to: keys, by: keyBlock) where !ThreadPool.isAbandoned {
            body(first..<min(keys, first + keyBlock))
        }
    }

    /// Calls `body` for each tile of some queries.
    func forEachTile(_ rows: Range<Int>, _ body: (Range<Int>) -> Void) {
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: tileRows) {
            body(first..<min(rows.upperBound, first + tileRows))
        }
    }

    /// Fills the result and, for the gradient, ln Σ exp of each query's scores: [batch, heads, queries].
    func apply(_ factors: Factors, into result: Tensor, shifts: Tensor) {
        let (output, logarithms) = (result.pointer, shifts.pointer)
        forEachTask(factors) { head, _, rows in
            let out = output + head.sample * queries * features + head.head * width
            let shift = logarithms + (head.sample * heads + head.head) * queries
            // Of each query: the maximum of its scores, the sum of its weights, and a factor.
            let state = Storage(count: 3 * rows.count)
            let (maximum, sum, factor) = (
                state.pointer, state.pointer + rows.count, state.pointer + 2 * rows.count
            )
            maximum.update(repeating: -.infinity, count: rows.count)
            sum.update(repeating: 0, count: rows.count)
            let tile = Storage(count: tileRows * keyBlock)
            forEachBlock { block in
                let packed = KeyBlock(head, block, self)
                let values = pack(head.values + block.lowerBound * features, block.count, step: features)
                forEachTile(rows) { tileRange in
                    let first = tileRange.lowerBound - rows.lowerBound
                    packed.scores(head, tileRange, self, into: tile.pointer)
                    dk_active.pointee.attention_weights(
                        tile.pointer, block.count, tileRange.count, block.count, maximum + first, sum + first,
                        factor + first)
                    let to = out + tileRange.lowerBound * features
                    if block.lowerBound > 0 { multiply(to, by: factor + first, rows: tileRange.count) }
                    Gemm.multiplySerially(
                        Gemm.Rows(tile.pointer, step: block.count, count: tileRange.count), values, into: to,
                        step: features, accumulate: block.lowerBound > 0)
                }
            }
            for row in 0..<rows.count {
                factor[row] = 1 / sum[row]
                shift[rows.lowerBound + row] = maximum[row] + Float(log(Double(sum[row])))
            }
            let to = out + rows.lowerBound * features
            multiply(to, by: factor, rows: rows.count)
            forEachAdded(rows) { added in
                let (x, y) = (head.queries + added.lowerBound * features, out + added.lowerBound * features)
                dk_active.pointee.add(y, features, 1, x, features, 1, y, features, added.count, width)
            }
            withExtendedLifetime((state, tile)) {}
        }
        withExtendedLifetime((result, shifts)) {}
    }

    /// Calls `body` with those of some queries that are added to the result, if there are any.
    func forEachAdded(_ rows: Range<Int>, _ body: (Range<Int>) -> Void) {
        let first =
            switch added {
            case .none: rows.upperBound
            case .all: rows.lowerBound
            case .allButFirst: max(1, rows.lowerBound)
            }
        if first < rows.upperBound { body(first..<rows.upperBound) }
    }

    /// Rows [tokens, width] of one head as the right factor of a product.
    func pack(_ rows: UnsafePointer<Float>, _ count: Int, step: Int) -> PackedFactor {
        PackedFactor(rows, depth: count, columns: width, depthStep: step, columnStep: 1, precision: precision)
    }

    /// The same rows transposed: [width, tokens].
    func packTransposed(_ rows: UnsafePointer<Float>, _ count: Int, step: Int) -> PackedFactor {
        PackedFactor(rows, depth: width, columns: count, depthStep: 1, columnStep: step, precision: precision)
    }

    private func multiply(_ x: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, rows: Int) {
        dk_active.pointee.multiply(x, features, 1, factors, 1, 0, x, features, rows, width)
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

    init(_ head: AttentionTiles.Head, _ range: Range<Int>, _ tiles: AttentionTiles) {
        self.range = range
        scaled = Storage(count: range.count * tiles.width)
        var scale = tiles.scale
        dk_active.pointee.multiply(
            head.keys + range.lowerBound * tiles.features, tiles.features, 1, &scale, 0, 0, scaled.pointer, tiles.width,
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
    func scores(
        _ head: AttentionTiles.Head, _ rows: Range<Int>, _ tiles: AttentionTiles,
        into tile: UnsafeMutablePointer<Float>
    ) {
        let step = tiles.features
        Gemm.multiplySerially(
            Gemm.Rows(head.queries + rows.lowerBound * step, step: step, count: rows.count), keys, into: tile,
            step: range.count)
        if let places, let terms = head.terms {
            Gemm.multiplySerially(
                Gemm.Rows(terms + rows.lowerBound * tiles.termStep, step: tiles.termStep, count: rows.count), places,
                into: tile, step: range.count, accumulate: true)
        }
    }
}
