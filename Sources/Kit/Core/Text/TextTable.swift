/// Rows of cells as lines of text, each column as wide as its widest cell.
package enum TextTable {
    package static func text(_ rows: [[String]], indent: String = "") -> String {
        let rows = rows.map { $0.map(\.printableLine) }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = indent
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
