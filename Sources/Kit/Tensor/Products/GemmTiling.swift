/// How a product [m, k] x [k, n] is split: into tiles of the result, and into parts of the inner axis if there are too
/// few tiles for all threads.
struct GemmTiling {
    private let rowTile: Int
    let columnTile: Int
    let columnTiles: Int
    let tiles: Int
    let parts: Int
    let partLength: Int

    /// With at least this many tiles or parts, the threads finish at about the same time.
    private static let fewest = 8

    /// - Parameter sharesColumns: whether the right factor is packed once, for all tiles.
    init(_ m: Int, _ n: Int, _ k: Int, _ precision: ProductPrecision, sharesColumns: Bool) {
        // Less than a megaflop is not worth waking a thread.
        let isSmall = Double(m) * Double(n) * Double(k) < 0x1p19
        // If each tile packs its own columns, this many rows make the cost of packing negligible.
        let packedRows = Gemm.usesTiles(for: precision) && !sharesColumns ? 1024 : 256
        let (rows, columns) = (Gemm.blockRows(for: precision), Gemm.blockColumns)
        func length(_ extent: Int, _ tiles: Int, _ block: Int) -> Int {
            (extent + tiles * block - 1) / (tiles * block) * block
        }
        let mostRowTiles = isSmall ? 1 : min(64, max(1, m / packedRows))
        let mostColumnTiles = isSmall ? 1 : min(64 / mostRowTiles, max(1, n / 512))
        let columnTile = length(n, mostColumnTiles, columns)
        let columnTiles = (n + columnTile - 1) / columnTile
        var rowTile = length(m, mostRowTiles, rows)
        var tiles = (m + rowTile - 1) / rowTile * columnTiles
        let areFew = !isSmall && tiles < Self.fewest
        let mostParts = areFew ? min(k / 2048, 64 / tiles) : 1
        partLength = mostParts > 1 ? (k + mostParts - 1) / mostParts : max(1, k)
        parts = max(1, (k + partLength - 1) / partLength)
        if areFew, parts == 1 {
            rowTile = length(m, max(1, min((Self.fewest + columnTiles - 1) / columnTiles, m / 64)), rows)
            tiles = (m + rowTile - 1) / rowTile * columnTiles
        }
        (self.rowTile, self.columnTile, self.columnTiles, self.tiles) = (rowTile, columnTile, columnTiles, tiles)
    }

    func tile(_ index: Int, _ m: Int, _ n: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let (row, column) = (index / columnTiles * rowTile, index % columnTiles * columnTile)
        return (row..<min(m, row + rowTile), column..<min(n, column + columnTile))
    }
}
