import Foundation
import KitCore
import KitTraining

extension Figure {
    /// How a terminal can draw a chart of characters.
    package struct TextStyle {
        /// The terminal's own colours tell the marks apart, in any theme. Without colours, letters do.
        package let hasColor: Bool
        /// Whether its font has braille patterns, which draw lines with 2 x 4 dots for each character.
        package let hasBraille: Bool

        /// The console of a Linux machine has no braille patterns.
        package static func of(_ terminal: Terminal) -> TextStyle {
            TextStyle(
                hasColor: terminal.hasColor,
                hasBraille: getenv("TERM").map { String(cString: $0) } != "linux")
        }

        package init(hasColor: Bool, hasBraille: Bool) { (self.hasColor, self.hasBraille) = (hasColor, hasBraille) }
    }

    /// The chart as lines of text in the colours of the terminal, so that it can be read on light and dark backgrounds; nil
    /// if it contains an image.
    ///
    /// - Parameter columns: the width of the terminal.
    package func text(columns: Int, _ style: TextStyle) -> String? {
        if marks.contains(where: { if case .image = $0 { true } else { false } }) { return nil }
        let rows = max(8, min(20, columns * height / max(1, width) / 2))
        let labels = y.ticks(about: rows / 4)
        let margin = labels.map(\.label.count).max() ?? 0
        let grid = TextGrid(columns: max(10, columns - margin - 3), rows: rows, hasSeveral: marks.count > 1, style)
        for (index, mark) in marks.enumerated() { draw(mark, index, on: grid) }

        var lines: [String] = []
        if !names.isEmpty {
            lines += legend(width: columns - 1, grid)
        }
        lines.append(String(repeating: " ", count: margin + 1) + y.title)
        for row in 0..<rows {
            let label = labels.first { share($0.value, of: y).map { Self.cell(1 - $0, of: rows) } == row }?.label ?? ""
            let corner = label.isEmpty ? "│" : "┤"
            lines.append(label.padded(to: margin, .right) + " " + corner + grid.line(row))
        }
        let places = x.ticks(about: max(2, grid.columns / 12)).compactMap { tick in
            share(tick.value, of: x).map { (column: Self.cell($0, of: grid.columns), label: tick.label) }
        }
        var axis = Array(repeating: Character("─"), count: grid.columns)
        for place in places { axis[place.column] = "┬" }
        lines.append(String(repeating: " ", count: margin + 1) + "└" + String(axis))
        let (numbers, title) = (Self.labels(places, from: margin + 2, width: columns - 1), "(\(x.title))")
        if numbers.count + 2 + title.count < columns {
            lines.append("\(numbers)  \(title)")
        } else {
            lines += [numbers, title.padded(to: columns - 1, .right)]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func draw(_ mark: Mark, _ index: Int, on grid: TextGrid) {
        func place(_ point: Point) -> (Double, Double)? {
            guard let across = share(point.x, of: x), let up = share(point.y, of: y) else { return nil }
            return (across, 1 - up)
        }
        switch mark {
        case .line(let points, _):
            var last: (Double, Double)?
            for point in points {
                let next = place(point)
                if let next { grid.line(from: last ?? next, to: next, index) }
                last = next
            }
        case .points(let points, _):
            for point in points.compactMap(place) { grid.point(point, index) }
        case .strokes(let strokes, _):
            for stroke in strokes {
                guard let low = place((stroke.x, stroke.low)), let high = place((stroke.x, stroke.high)) else {
                    continue
                }
                grid.line(from: low, to: high, index)
            }
        case .image: break
        }
    }

    /// The place of a value along an axis, 0 to 1; nil outside of it.
    private func share(_ value: Double, of axis: Axis) -> Double? {
        let share = (value - axis.range.lowerBound) / (axis.range.upperBound - axis.range.lowerBound)
        return (-1e-9...1 + 1e-9).contains(share) ? min(max(share, 0), 1) : nil
    }

    private static func cell(_ share: Double, of count: Int) -> Int { min(count - 1, Int(share * Double(count))) }

    /// Labels centred at their columns, as far as they do not touch.
    private static func labels(_ places: [(column: Int, label: String)], from first: Int, width: Int) -> String {
        var line = ""
        for (column, label) in places {
            let start = max(0, first + column - label.count / 2)
            guard line.isEmpty ? true : start > line.count, start + label.count <= width else { continue }
            line += String(repeating: " ", count: start - line.count) + label
        }
        return line
    }

    /// The names of the marks with their signs, in lines of at most `width` characters.
    private func legend(width: Int, _ grid: TextGrid) -> [String] {
        var (lines, length) = ([String](), 0)
        for (index, name) in names.enumerated() {
            let name = name.printableLine
            if lines.isEmpty || length + 4 + name.count > width {
                lines.append("")
                length = 0
            } else {
                lines[lines.count - 1] += "  "
                length += 2
            }
            lines[lines.count - 1] += "\(grid.sign(of: index, marks[index])) \(name)"
            length += 2 + name.count
        }
        return lines
    }
}

/// The characters of a chart, with the mark that each belongs to.
private final class TextGrid {
    let columns: Int
    private let rows: Int
    private let style: Figure.TextStyle
    /// The dots of each cell: those of a braille pattern.
    private var dots: [UInt8]
    /// The mark that was drawn last in each cell.
    private var owners: [Int?]
    private var isPoint: [Bool]
    private let hasSeveral: Bool

    init(columns: Int, rows: Int, hasSeveral: Bool, _ style: Figure.TextStyle) {
        (self.columns, self.rows, self.hasSeveral, self.style) = (columns, rows, hasSeveral, style)
        dots = Array(repeating: 0, count: columns * rows)
        owners = Array(repeating: nil, count: columns * rows)
        isPoint = Array(repeating: false, count: columns * rows)
    }

    /// A line between two places, each 0 to 1 from the top left.
    func line(from start: (Double, Double), to end: (Double, Double), _ mark: Int) {
        let (width, height) = (Double(columns * 2 - 1), Double(rows * 4 - 1))
        let (dx, dy) = ((end.0 - start.0) * width, (end.1 - start.1) * height)
        let steps = max(1, Int(max(abs(dx), abs(dy)).rounded(.up)))
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            let (column, row) = (
                Int((start.0 * width + dx * share).rounded()), Int((start.1 * height + dy * share).rounded())
            )
            let cell = row / 4 * columns + column / 2
            // The bits of a pattern: the left column from the top, the right one, then the lowest row.
            dots[cell] |= row % 4 == 3 ? 0x40 << UInt8(column % 2) : UInt8(1) << UInt8(row % 4 + column % 2 * 3)
            owners[cell] = mark
        }
    }

    func point(_ place: (Double, Double), _ mark: Int) {
        let column = min(columns - 1, Int(place.0 * Double(columns)))
        let cell = min(rows - 1, Int(place.1 * Double(rows))) * columns + column
        (owners[cell], isPoint[cell]) = (mark, true)
    }

    /// The characters of a row.
    func line(_ row: Int) -> String {
        var (text, colour) = ("", nil as Int?)
        for cell in row * columns..<(row + 1) * columns {
            let owner = owners[cell]
            if style.hasColor, owner != nil, owner != colour {
                text += Self.escape(owner!)
                colour = owner
            }
            text.append(owner.map { character(of: cell, $0) } ?? " ")
        }
        while text.last == " " { text.removeLast() }
        return colour == nil ? text : text + "\u{1B}[0m"
    }

    private func character(of cell: Int, _ mark: Int) -> Character {
        if isPoint[cell] || !style.hasBraille || !style.hasColor && hasSeveral { return Self.letter(mark, style) }
        return Character(UnicodeScalar(0x2800 + UInt32(dots[cell]))!)
    }

    /// The sign of a mark in the legend.
    func sign(of index: Int, _ mark: Figure.Mark) -> String {
        let isLine = if case .points = mark { false } else { true }
        let sign = isLine && style.hasBraille && style.hasColor ? "━" : Self.letter(index, style)
        return style.hasColor ? "\(Self.escape(index))\(sign)\u{1B}[0m" : String(sign)
    }

    private static func letter(_ mark: Int, _ style: Figure.TextStyle) -> Character {
        style.hasColor && style.hasBraille ? "•" : ["*", "+", "o", "x", "#", "@", "%"][mark % 7]
    }

    /// The terminal's colours, which its theme keeps apart from the background.
    static func escape(_ mark: Int) -> String { "\u{1B}[\([34, 31, 32, 35, 33, 36, 39][mark % 7])m" }
}
