import Kit
import Testing

@Suite struct FigureTests {
    private func figure(_ marks: [Figure.Mark], names: [String] = []) -> Figure {
        Figure(
            x: .init("step", 0...10), y: .init("value", -1...1), marks, names: names, width: 320, height: 200)
    }

    private func pixel(_ image: Frames, _ column: Double, _ row: Double) -> [UInt8] {
        let start = (Int(row) * image.width + Int(column)) * 3
        return Array(image.values[start..<start + 3])
    }

    @Test func ticksAreRoundNumbersInsideTheRange() {
        #expect(Figure.Axis("", 0...10).ticks(about: 5).map(\.label) == ["0", "2", "4", "6", "8", "10"])
        #expect(Figure.Axis("", 1...6).ticks(about: 8).map(\.label) == ["1", "2", "3", "4", "5", "6"])
        #expect(Figure.Axis("", -0.03...0.11).ticks(about: 4).map(\.label) == ["0.00", "0.05", "0.10"])
        #expect(Figure.Axis("", 5...5).ticks(about: 4).count > 1)
        #expect(Figure.Axis("", around: [.nan, 3, .infinity, 7]).range == 3...7)
        #expect(Figure.Axis("", around: [Double.nan]).range == 0...1)
        #expect(Figure.Axis("", 1e300...1.0000000000000002e300).ticks(about: 4).isEmpty)
    }

    @Test func placesLieWhereTheAxesSay() throws {
        let figure = figure([])
        let (low, high) = (try #require(figure.place((0, -1))), try #require(figure.place((10, 1))))
        #expect(low.x == figure.frame.left && low.y == figure.frame.bottom)
        #expect(high.x == figure.frame.right && high.y == figure.frame.top)
        #expect(figure.place((.nan, 0)) == nil)
    }

    @Test func aChartOfCharactersCanBeReadInAnyTheme() throws {
        let line = Figure.Mark.line([(0, -1), (10, 1)], (200, 0, 0))
        let plain = try #require(figure([line]).text(columns: 41, .init(hasColor: false, hasBraille: true)))
        let rows = plain.split(separator: "\n").map(String.init)
        #expect(rows[0].hasSuffix("value") && rows.last!.hasSuffix("(step)"), "\(plain)")
        #expect(!plain.contains("\u{1B}") && !plain.contains("█"))
        #expect(rows.dropLast().allSatisfy { $0.count <= 41 }, "\(plain)")
        let drawn = rows.filter { $0.contains("│") || $0.contains("┤") }
        func first(_ row: String) -> Int {
            row.firstIndex { ("\u{2801}"..."\u{28FF}").contains($0) }.map { row.distance(from: row.startIndex, to: $0) }
                ?? -1
        }
        // It rises: each row further down begins further left.
        #expect(drawn.count == 12 && zip(drawn, drawn.dropFirst()).allSatisfy { first($0) > first($1) }, "\(plain)")
        #expect(rows.contains { $0.hasPrefix("-1 ┤") } && plain.contains(" 0 ┤"), "\(plain)")

        let two = figure([line, .points([(5, 0.9)], (0, 0, 0))], names: ["loss", "best"])
        let signs = try #require(two.text(columns: 41, .init(hasColor: false, hasBraille: false)))
        #expect(signs.hasPrefix("* loss  + best\n") && signs.filter { $0 == "+" }.count == 2, "\(signs)")
        let coloured = try #require(two.text(columns: 41, .init(hasColor: true, hasBraille: true)))
        #expect(coloured.contains("\u{1B}[34m━\u{1B}[0m loss") && coloured.contains("\u{1B}[31m•\u{1B}[0m best"))
        #expect(
            figure([.image(Frames(count: 1, height: 2, width: 2))]).text(
                columns: 41, .init(hasColor: true, hasBraille: true)) == nil)
    }

    @Test func marksAreDrawn() throws {
        let red: ColourScale.Colour = (200, 0, 0)
        let figure = figure([
            .line([(0, 0), (4, 0), (5, .nan), (6, 0), (10, 0)], red), .points([(5, 0.5)], red),
            .strokes([(2, -0.8, -0.4)], red),
        ])
        let image = figure.image()
        func colour(_ x: Double, _ y: Double) throws -> [UInt8] {
            let place = try #require(figure.place((x, y)))
            return pixel(image, place.x, place.y)
        }
        #expect(try colour(2, 0) == [200, 0, 0])
        #expect(try colour(5, 0) == [255, 255, 255])
        #expect(try colour(8, 0) == [200, 0, 0])
        #expect(try colour(5, 0.5) == [200, 0, 0])
        #expect(try colour(2, -0.6) != [255, 255, 255] && colour(2, -0.2) == [255, 255, 255])
    }

    @Test func aPictureFillsTheFrame() throws {
        var source = Frames(count: 1, height: 1, width: 2)
        source.values = [10, 20, 30, 200, 210, 220]
        let figure = figure([.image(source)])
        let image = figure.image()
        #expect(pixel(image, figure.frame.left + 20, 60) == [10, 20, 30])
        #expect(pixel(image, figure.frame.right - 20, 60) == [200, 210, 220])
    }

    @Test func svgHasTheMarksAndTheLabels() throws {
        let text = try figure(
            [.line([(0, -1), (5, .nan), (6, 0), (10, 1)], ColourScale.distinct(0))], names: ["a < b & c"]
        ).svg()
        #expect(text.hasPrefix("<svg ") && text.hasSuffix("</svg>\n"))
        #expect(text.contains("d=\"M62.0 156.0M208.4 84.0L306.0 12.0\""), "\(text)")
        #expect(text.contains(">a &lt; b &amp; c</text>") && text.contains(">step</text>"))
    }
}

@Suite struct TerminalImageTests {
    private let image: Frames = {
        var image = Frames(count: 1, height: 2, width: 2)
        image.values = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]
        return image
    }()

    @Test func blocksHaveTwoPixelsEach() throws {
        let text = try TerminalImage.text(image, as: .blocks, columns: 80)
        let cells = [("255;0;0", "0;0;255"), ("0;255;0", "255;255;255")]
        #expect(text == cells.map { "\u{1B}[38;2;\($0);48;2;\($1)m▀" }.joined() + "\u{1B}[0m\n")
        let wide = try TerminalImage.text(Frames(count: 1, height: 90, width: 300), as: .shades, columns: 41)
        let lines = wide.split(separator: "\n")
        #expect(lines.count == 6 && lines.allSatisfy { $0.count == 40 })
    }

    @Test func kittyGetsThePNGInPieces() throws {
        let text = try TerminalImage.text(image, as: .kitty, columns: 80)
        #expect(text.hasPrefix("\u{1B}_Ga=T,f=100,m=0;iVBORw0KGgo") && text.hasSuffix("\u{1B}\\\n"))
    }

    @Test func sixelsGiveThePixelsBack() throws {
        var random = RandomStream(seed: 3)
        var source = Frames(count: 1, height: 13, width: 17)
        for index in source.values.indices { source.values[index] = UInt8(random.index(below: 6)) * 51 }
        #expect(Self.decode(try TerminalImage.text(source, as: .sixel, columns: 80), 17, 13) == source.values)
    }

    /// Reads back what `sixel` writes: colours in percent, runs, carriage returns and line feeds.
    private static func decode(_ text: String, _ width: Int, _ height: Int) -> [UInt8] {
        var (pixels, palette) = ([UInt8](repeating: 0, count: width * height * 3), [Int: [UInt8]]())
        var (colour, column, top) = (0, 0, 0)
        var rest = text.drop { $0 != "#" }
        func numbers() -> [Int] {
            let part = rest.prefix { $0.isNumber || $0 == ";" }
            rest = rest.dropFirst(part.count)
            return part.split(separator: ";").map { Int($0)! }
        }
        while let sign = rest.popFirst(), sign != "\u{1B}" {
            var run = 1
            var letter = sign
            switch sign {
            case "#":
                let values = numbers()
                colour = values[0]
                if values.count == 5 { palette[colour] = values[2...].map { UInt8(Double($0) * 2.55 + 0.5) } }
                continue
            case "$":
                column = 0
                continue
            case "-":
                (column, top) = (0, top + 6)
                continue
            case "!":
                run = numbers()[0]
                letter = rest.popFirst()!
            default: break
            }
            let bits = letter.asciiValue! - 63
            for _ in 0..<run {
                for row in 0..<6 where bits >> UInt8(row) & 1 == 1 {
                    let place = ((top + row) * width + column) * 3
                    pixels.replaceSubrange(place..<place + 3, with: palette[colour]!)
                }
                column += 1
            }
        }
        return pixels
    }
}
