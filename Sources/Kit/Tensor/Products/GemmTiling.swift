/// How a product [m, k] x [k, n] is split: into tiles of the result, and into parts of the inner axis if there are too
/// few tiles for all threads.
struct GemmTiling {
    private let rowTile: Int
    private let columnTile: Int
    private let columnTiles: Int
    let tiles: Int
    let parts: Int
    let partLength: Int

    init(_ m: Int, _ n: Int, _ k: Int, _ precision: ProductPrecision) {
        // Less than a megaflop is not worth waking a thread. With this many rows per tile, the cost of packing B is
        // negligible.
        let packedRows = Gemm.usesTiles(for: precision) ? 1024 : 256
        let isSmall = Double(m) * Double(n) * Double(k) < 0x1p19
        let mostRowTiles = isSmall ? 1 : min(64, max(1, m / packedRows))
        let mostColumnTiles = isSmall ? 1 : min(64 / mostRowTiles, max(1, n / 512))
        let (rows, columns) = (Gemm.blockRows(for: precision), Gemm.blockColumns)
        rowTile = (m + mostRowTiles * rows - 1) / (mostRowTiles * rows) * rows
        columnTile = (n + mostColumnTiles * columns - 1) / (mostColumnTiles * columns) * columns
        columnTiles = (n + columnTile - 1) / columnTile
        tiles = (m + rowTile - 1) / rowTile * columnTiles
        let mostParts = isSmall || tiles >= 8 ? 1 : min(k / 2048, 64 / tiles)
        partLength = mostParts > 1 ? (k + mostParts - 1) / mostParts : max(1, k)
        parts = max(1, (k + partLength - 1) / partLength)
    }

    func tile(_ index: Int, _ m: Int, _ n: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let (row, column) = (index / columnTiles * rowTile, index % columnTiles * columnTile)
        return (row..<min(m, row + rowTile), column..<min(n, column + columnTile))
    }
}
