/// Formats rows of cells as lines of text, with two spaces between columns, each as wide as its widest cell.
///
/// Control characters in cells are escaped, and no line ends with spaces. Rows may have different numbers of cells.
package enum TextTable {
    /// How the cells of a column are aligned.
    package struct Column: Sendable {
        fileprivate let alignment: TextAlignment
        fileprivate let width: Int

        /// Left-aligned text. `width` is the minimum width in characters.
        package static func left(atLeast width: Int = 0) -> Column { Column(alignment: .left, width: width) }
        /// Right-aligned numbers. `width` is the minimum width in characters.
        package static func right(atLeast width: Int = 0) -> Column { Column(alignment: .right, width: width) }
    }

    /// Where the cells of the first column are cut if a table is too wide.
    package enum Cut: Sendable {
        /// "encoder.blo…conv1.weight": names of layers, whose middle says least.
        case middle
        /// "    conv1  Convolution(3 …".
        case end

        fileprivate func cut(_ text: String, to width: Int) -> String {
            guard text.count > width else { return text }
            let tail = self == .end ? 0 : (width - 1) * 2 / 3
            return "\(text.prefix(width - 1 - tail))…\(text.suffix(tail))"
        }
    }

    /// The lines of a table.
    ///
    /// - Parameters:
    ///   - rows: the cells, row by row.
    ///   - columns: the alignment of the first columns; the others are left-aligned.
    ///   - indent: the text before each line.
    ///   - width: the number of characters that the lines may have; nil for any. In a table that is wider, the cells of
    ///     the first column are cut.
    ///   - cut: where they are cut.
    package static func lines(
        _ rows: [[String]], _ columns: [Column] = [], indent: String = "", width: Int? = nil, cut: Cut = .middle
    ) -> [String] {
        var rows = rows.map { $0.map(\.printableLine) }
        var set = (0..<(rows.map(\.count).max() ?? 0)).map { index in
            let column = index < columns.count ? columns[index] : .left()
            let widest = rows.map { index < $0.count ? $0[index].count : 0 }.max() ?? 0
            return Column(alignment: column.alignment, width: max(column.width, widest))
        }
        let whole = indent.count + set.reduce(0) { $0 + $1.width + 2 } - 2
        if let width, let first = set.first, whole > width {
            let left = max(8, first.width - (whole - width))
            set[0] = Column(alignment: first.alignment, width: left)
            rows = rows.map { row in row.prefix(1).map { cut.cut($0, to: left) } + row.dropFirst() }
        }
        return rows.map { row in
            let cells = zip(row, set).map { $0.padded(to: $1.width, $1.alignment) }
            var line = indent + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// The lines joined by line breaks.
    package static func text(_ rows: [[String]], _ columns: [Column] = [], indent: String = "") -> String {
        lines(rows, columns, indent: indent).joined(separator: "\n")
    }
}
