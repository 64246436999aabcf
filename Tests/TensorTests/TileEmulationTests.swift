import CKernels
import Testing

/// The emulated tile instructions against what Intel's manual says of them, in cases computed by hand.
@Suite struct TileEmulationTests {
    /// 2^24: adding 1 to it leaves it as it is, since float32 has 24 significant bits.
    private let large: Float = 0x1p24

    @Test func aProductAddsPairsAlongTheDepth() {
        let sums = product(
            of: [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], and: [[1, -1], [2, 0.5], [3, 0], [4, 1]],
            addedTo: [[100, 0], [0, 0], [0, 1]])
        #expect(sums == [[130, 4], [70, 6], [110, 9]])
    }

    @Test func firstAndSecondValuesOfPairsHaveSumsOfTheirOwn() {
        // In the order of the depth, the sum would be 2^24 + 1 + 1 - 2^24 = 0, since each 1 is lost.
        let sums = product(of: [[4096, 1, -4096, 1]], and: [[4096], [1], [4096], [1]], addedTo: [[0]])
        #expect(sums == [[2]])
    }

    @Test func theSumOfATileIsRoundedBeforeItIsAdded() {
        // 1 + 1 is added at once. One after the other, both would be lost.
        #expect(product(of: [[1, 1]], and: [[1], [1]], addedTo: [[large]]) == [[large + 2]])
        // Within the first values, in the order of the depth.
        #expect(
            product(of: [[4096, 0, 1, 0, 1, 0]], and: [[4096], [0], [1], [0], [1], [0]], addedTo: [[0]]) == [[large]])
    }

    @Test func aProductIsNotRoundedBeforeItIsAdded() {
        // 2^128 alone would be infinite.
        let sums = product(of: [[-0x1p64, 0, 0x1p64, 0]], and: [[0x1p63], [0], [0x1p64], [0]], addedTo: [[0]])
        #expect(sums == [[0x1p127]])
    }

    @Test func numbersBelowTheNormalOnesAreZero() {
        let tiny: Float = 0x1p-127
        #expect(product(of: [[tiny, 0]], and: [[0x1p100], [0]], addedTo: [[1]]) == [[1]])
        #expect(product(of: [[0x1p100, 0]], and: [[tiny], [0]], addedTo: [[1]]) == [[1]])
        #expect(product(of: [[0x1p-100, 0]], and: [[0x1p-27], [0]], addedTo: [[0]]) == [[0]])
        #expect(product(of: [[0x1p-100, 0]], and: [[0x1p-26], [0]], addedTo: [[0]]) == [[0x1p-126]])
        #expect(product(of: [[0, 0]], and: [[1], [1]], addedTo: [[tiny]]) == [[0]])
        // The sum of both parts, 2^-126 - 1.5 * 2^-126.
        #expect(product(of: [[0x1p-100, 0x1p-100]], and: [[0x1p-26], [-0x1.8p-26]], addedTo: [[0]]) == [[0]])
    }

    @Test func whatIsNotFiniteStaysSo() {
        #expect(product(of: [[.infinity, 1]], and: [[1], [1]], addedTo: [[0]]) == [[.infinity]])
        #expect(product(of: [[.infinity, 0]], and: [[0], [1]], addedTo: [[0]])[0][0].isNaN)
        #expect(product(of: [[0x1p100, 1]], and: [[0x1p100], [1]], addedTo: [[0]]) == [[.infinity]])
    }

    @Test func loadsFillWithZerosAndStoresWriteTheShapeOnly() {
        var palette = shapes(rows: 3, pairs: 2, columns: 2)
        dk_emulated_configure(&palette)
        var memory = (0..<16).map(Float.init)
        dk_emulated_load(0, &memory, 5 * 4)
        var stored = [Float](repeating: -1, count: 16)
        dk_emulated_store(0, &stored, 4 * 4)
        #expect(stored == [0, 1, -1, -1, 5, 6, -1, -1, 10, 11, -1, -1, -1, -1, -1, -1])
        dk_emulated_zero(0)
        dk_emulated_store(0, &stored, 4 * 4)
        #expect(stored == [0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, -1, -1, -1, -1])
        // Loading shapes also clears all tiles.
        dk_emulated_load(0, &memory, 5 * 4)
        dk_emulated_configure(&palette)
        dk_emulated_store(0, &stored, 4 * 4)
        #expect(stored.prefix(2) == [0, 0])
        #expect(dk_emulated_is_configured())
        dk_emulated_release()
        #expect(!dk_emulated_is_configured())
    }

    @Test func theStartRowContinuesALoadAndIsUsedOnce() {
        var palette = shapes(rows: 3, pairs: 1, columns: 1)
        palette.start_row = 1
        dk_emulated_configure(&palette)
        defer { dk_emulated_release() }
        var memory: [Float] = [1, 2, 3]
        dk_emulated_load(0, &memory, 4)
        var stored = [Float](repeating: -1, count: 3)
        dk_emulated_store(0, &stored, 4)
        #expect(stored == [0, 2, 3])
    }

    @Test func wrongShapesAreFaultsOfTheConfiguration() {
        typealias Change = (inout dk_tile_palette) -> Void
        let changes: [(String, Change)] = [
            ("unknown palette", { $0.palette = 2 }),
            ("a reserved byte is not zero", { $0.zeros.13 = 1 }),
            ("a tile of more than 16 rows", { $0.rows.3 = 17 }),
            ("a row of more than 64 bytes", { $0.row_bytes.3 = 68 }),
            ("a tile with rows or columns, but not both", { $0.rows.7 = 1 }),
            ("a tile with rows or columns, but not both", { $0.row_bytes.7 = 4 }),
            ("a shape past the eighth tile", { $0.rows.8 = 1 }),
            ("a shape past the eighth tile", { $0.row_bytes.15 = 4 }),
        ]
        for (text, change) in changes {
            var palette = shapes(rows: 3, pairs: 2, columns: 2)
            change(&palette)
            let fault = faultOf { dk_emulated_configure(&palette) }
            #expect(fault == "ldtilecfg: \(text)")
        }
        var none = dk_tile_palette()
        #expect(faultOf { dk_emulated_configure(&none) } == nil)
        #expect(!dk_emulated_is_configured())
    }

    @Test func instructionsNeedMatchingTiles() {
        var memory = [Float](repeating: 0, count: 64)
        let load = { dk_emulated_load(0, &memory, 4) }
        #expect(faultOf(load) == "tiles are not configured")
        #expect(faultOf { dk_emulated_multiply(0, 1, 2) } == "tiles are not configured")
        func fault(_ change: (inout dk_tile_palette) -> Void, _ body: () -> Void) -> String? {
            var palette = shapes(rows: 3, pairs: 2, columns: 2)
            change(&palette)
            return faultOf {
                dk_emulated_configure(&palette)
                body()
            }
        }
        let multiply = { dk_emulated_multiply(0, 1, 2) }
        #expect(fault({ _ in }, multiply) == nil)
        #expect(fault({ _ in }, { dk_emulated_zero(8) }) == "unknown tile")
        #expect(fault({ _ in }, { dk_emulated_zero(3) }) == "the tile is not configured")
        #expect(fault({ $0.row_bytes.0 = 6 }, load) == "a row that is not of whole elements")
        #expect(fault({ $0.start_row = 3 }, load) == "the first row is past the tile")
        #expect(fault({ _ in }, { dk_emulated_multiply(0, 1, 1) }) == "tdpbf16ps: the same tile twice")
        #expect(fault({ $0.rows.1 = 2 }, multiply) == "tdpbf16ps: sums and left factor differ in rows")
        #expect(fault({ $0.row_bytes.0 = 4 }, multiply) == "tdpbf16ps: sums and right factor differ in columns")
        #expect(fault({ $0.row_bytes.1 = 12 }, multiply) == "tdpbf16ps: the factors differ in depth")
        #expect(fault({ $0.row_bytes.1 = 10 }, multiply) == "tdpbf16ps: a row that is not of whole elements")
        #expect(fault({ $0.start_row = 1 }, multiply) == "tdpbf16ps: the first row is not 0")
    }

    /// The reason of the first fault in `body`; nil if there is none. Leaves the tiles released.
    private func faultOf(_ body: () -> Void) -> String? {
        dk_emulated_keep_faults(true)
        defer {
            dk_emulated_keep_faults(false)
            dk_emulated_release()
        }
        body()
        return dk_emulated_take_fault().map { String(cString: $0) }
    }

    /// Tile 0 for sums, 1 for the left and 2 for the right factor.
    private func shapes(rows: Int, pairs: Int, columns: Int) -> dk_tile_palette {
        var palette = dk_tile_palette()
        palette.palette = 1
        (palette.rows.0, palette.row_bytes.0) = (UInt8(rows), UInt16(4 * columns))
        (palette.rows.1, palette.row_bytes.1) = (UInt8(rows), UInt16(4 * pairs))
        (palette.rows.2, palette.row_bytes.2) = (UInt8(pairs), UInt16(4 * columns))
        return palette
    }

    /// sums + left x right by one instruction, for factors that bfloat16 holds exactly.
    private func product(of left: [[Float]], and right: [[Float]], addedTo sums: [[Float]]) -> [[Float]] {
        let (rows, pairs, columns) = (left.count, left[0].count / 2, right[0].count)
        func upperHalf(_ x: Float) -> UInt16 {
            #expect(x.bitPattern & 0xffff == 0, "\(x) is not a bfloat16 number")
            return UInt16(x.bitPattern >> 16)
        }
        let a = left.flatMap { $0.map(upperHalf) }
        let b = (0..<pairs).flatMap { pair in
            (0..<columns).flatMap { [upperHalf(right[2 * pair][$0]), upperHalf(right[2 * pair + 1][$0])] }
        }
        var c = sums.flatMap { $0 }
        var palette = shapes(rows: rows, pairs: pairs, columns: columns)
        dk_emulated_configure(&palette)
        defer { dk_emulated_release() }
        dk_emulated_load(0, c, 4 * columns)
        dk_emulated_load(1, a, 4 * pairs)
        dk_emulated_load(2, b, 4 * columns)
        dk_emulated_multiply(0, 1, 2)
        dk_emulated_store(0, &c, 4 * columns)
        return (0..<rows).map { Array(c[$0 * columns..<($0 + 1) * columns]) }
    }
}
