import KitCore

/// A tensor as rows along its last axis, processed in tiles.
struct Rows {
    let count: Int
    let columns: Int
    /// Rows in a tile.
    let grain: Int

    init(_ shape: Shape) {
        columns = shape.rank == 0 ? 1 : shape[-1]
        count = Shape.product(shape.extents.dropLast())
        grain = max(1, Elementwise.grain / 2 / max(1, columns))
    }

    var tiles: Int { (count + grain - 1) / grain }

    /// Calls `body` with ranges of rows, on all threads.
    func forEach(_ body: (Range<Int>) -> Void) {
        ThreadPool.shared.forEachRange(count, grain: grain, body)
    }
}
