/// How a stored frame is rotated and mirrored to be shown: one of the eight symmetries of a rectangle.
///
/// First rows and columns are swapped, if at all, then left and right, and top and bottom.
public struct Orientation: Sendable, Equatable {
    /// Whether the rows of the stored frame are the columns of the shown one.
    public var isTransposed = false
    /// Whether left and right are swapped (after the transposition).
    public var isMirroredHorizontally = false
    /// Whether top and bottom are swapped (after the transposition).
    public var isMirroredVertically = false

    /// As stored.
    public static let upright = Orientation()

    public init(isTransposed: Bool = false, isMirroredHorizontally: Bool = false, isMirroredVertically: Bool = false) {
        self.isTransposed = isTransposed
        self.isMirroredHorizontally = isMirroredHorizontally
        self.isMirroredVertically = isMirroredVertically
    }

    /// Reads a display matrix as containers write it: the point (x, y) is shown at (m0 x + m3 y, m1 x + m4 y), with y
    /// pointing down. Angles other than quarter turns are rounded to the nearest.
    init(displayMatrix m: UnsafePointer<Int32>) {
        let (straight, crossed) = ((Double(m[0]), Double(m[4])), (Double(m[3]), Double(m[1])))
        isTransposed = abs(crossed.0) + abs(crossed.1) > abs(straight.0) + abs(straight.1)
        let (x, y) = isTransposed ? crossed : straight
        isMirroredHorizontally = x < 0
        isMirroredVertically = y < 0
    }

    /// Reads the number that EXIF gives for an orientation, 1 to 8 (Exif 2.3, section 4.6.4). Others are upright.
    init(exif number: Int) {
        let mirrored: (horizontally: Bool, vertically: Bool) =
            switch number {
            case 2, 6: (true, false)
            case 3, 7: (true, true)
            case 4, 8: (false, true)
            default: (false, false)
            }
        self.init(
            isTransposed: (5...8).contains(number), isMirroredHorizontally: mirrored.horizontally,
            isMirroredVertically: mirrored.vertically)
    }

    /// The stored position of the pixel that is shown at a row and column, in a stored frame of this size.
    func stored(row: Int, column: Int, height: Int, width: Int) -> (row: Int, column: Int) {
        let (shownHeight, shownWidth) = isTransposed ? (width, height) : (height, width)
        let row = isMirroredVertically ? shownHeight - 1 - row : row
        let column = isMirroredHorizontally ? shownWidth - 1 - column : column
        return isTransposed ? (column, row) : (row, column)
    }
}
