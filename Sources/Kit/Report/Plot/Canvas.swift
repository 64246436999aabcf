import KitCore
import KitMedia

/// A white image to draw on. Every pixel is drawn as several smaller ones, so that edges are smooth.
struct Canvas {
    private static let fineness = 2
    private let width: Int
    private let height: Int
    private var fine: Frames

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        fine = Frames(count: 1, height: height * Self.fineness, width: width * Self.fineness)
        for index in fine.values.indices { fine.values[index] = 255 }
    }

    /// The finished image.
    var image: Frames {
        var image = Frames(count: 1, height: height, width: width)
        let step = Self.fineness
        for row in 0..<height {
            for column in 0..<width {
                for part in 0..<3 {
                    var sum = 0
                    for y in 0..<step {
                        for x in 0..<step {
                            sum += Int(fine.values[((row * step + y) * fine.width + column * step + x) * 3 + part])
                        }
                    }
                    image.values[(row * width + column) * 3 + part] = UInt8((sum + step) / (step * step))
                }
            }
        }
        return image
    }

    mutating func fill(
        _ left: Double, _ top: Double, _ width: Double, _ height: Double, _ colour: ColourScale.Colour
    ) {
        let scale = Double(Self.fineness)
        fill(
            columns: Self.pixel(left * scale)..<max(Self.pixel(left * scale), Self.pixel((left + width) * scale)),
            rows: Self.pixel(top * scale)..<max(Self.pixel(top * scale), Self.pixel((top + height) * scale)), colour)
    }

    mutating func line(_ from: Figure.Point, _ to: Figure.Point, _ colour: ColourScale.Colour, thickness: Double) {
        let scale = Double(Self.fineness)
        let (dx, dy) = ((to.x - from.x) * scale, (to.y - from.y) * scale)
        let steps = max(1, Self.pixel(max(abs(dx), abs(dy)).rounded(.up)))
        let width = max(1, Self.pixel(thickness * scale))
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            let column = Self.pixel(from.x * scale + dx * share - Double(width) / 2)
            let row = Self.pixel(from.y * scale + dy * share - Double(width) / 2)
            fill(columns: column..<column + width, rows: row..<row + width, colour)
        }
    }

    mutating func disc(_ centre: Figure.Point, radius: Double, _ colour: ColourScale.Colour) {
        let scale = Double(Self.fineness)
        let reach = Int((radius * scale).rounded(.up))
        let (column, row) = (Self.pixel(centre.x * scale), Self.pixel(centre.y * scale))
        for y in -reach...reach {
            let half = (radius * scale * radius * scale - Double(y * y)).squareRoot()
            guard half >= 0 else { continue }
            fill(columns: column - Int(half)..<column + Int(half) + 1, rows: row + y..<row + y + 1, colour)
        }
    }

    /// Draws an image stretched over an area, with the nearest pixel at each position.
    mutating func image(_ source: Frames, left: Double, top: Double, width: Double, height: Double) {
        let scale = Double(Self.fineness)
        let (left, top) = (Int(left * scale), Int(top * scale))
        let (columns, rows) = (Int(width * scale), Int(height * scale))
        for row in 0..<rows {
            for column in 0..<columns {
                let pixel = (row * source.height / rows * source.width + column * source.width / columns) * 3
                fill(
                    columns: left + column..<left + column + 1, rows: top + row..<top + row + 1,
                    (source.values[pixel], source.values[pixel + 1], source.values[pixel + 2]))
            }
        }
    }

    enum Anchor {
        /// Text below a position, aligned to it at its left, middle or right.
        case left, centre, right
        /// Rotated text to the right of a position, centred on it.
        case upwards
    }

    mutating func text(_ text: String, at place: Figure.Point, _ anchor: Anchor, _ colour: ColourScale.Colour) {
        // Each dot is three fine pixels, so letters are 10 pixels high.
        let dot = 3
        let length = BitmapFont.width(of: text) * dot
        let (x, y) = (
            Self.pixel(place.x.rounded(.down)) * Self.fineness, Self.pixel(place.y.rounded(.down)) * Self.fineness
        )
        let start =
            switch anchor {
            case .left: 0
            case .centre, .upwards: -length / 2
            case .right: -length
            }
        for (column, row) in BitmapFont.dots(of: text) {
            let along = start + column * dot
            if case .upwards = anchor {
                fill(columns: x + row * dot..<x + row * dot + dot, rows: y - along - dot..<y - along, colour)
            } else {
                fill(columns: x + along..<x + along + dot, rows: y + row * dot..<y + row * dot + dot, colour)
            }
        }
    }

    /// The fine pixel at a position; limited, for positions far outside the image.
    private static func pixel(_ place: Double) -> Int {
        min(max(Int(saturating: place.rounded()), -(1 << 20)), 1 << 20)
    }

    private mutating func fill(columns: Range<Int>, rows: Range<Int>, _ colour: ColourScale.Colour) {
        let (columns, rows) = (columns.clamped(to: 0..<fine.width), rows.clamped(to: 0..<fine.height))
        for row in rows {
            for column in columns {
                let pixel = (row * fine.width + column) * 3
                fine.values[pixel] = colour.red
                fine.values[pixel + 1] = colour.green
                fine.values[pixel + 2] = colour.blue
            }
        }
    }
}
