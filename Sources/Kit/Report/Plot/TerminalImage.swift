import Foundation
import KitMedia

/// An image as text that a terminal shows in place.
package enum TerminalImage {
    package enum Form: String, CaseIterable, Sendable {
        /// PNG inside an escape: kitty, ghostty, WezTerm, Konsole.
        case kitty
        /// Sixels, the format of DEC's terminals: foot, xterm, mlterm, iTerm2, Windows Terminal.
        case sixel
        /// Two pixels per character, in 24-bit colours.
        case blocks
        /// Characters of several densities, without colour.
        case shades
    }

    /// - Parameter columns: the width of the terminal; blocks and shades are scaled to fit.
    package static func text(_ image: Frames, as form: Form, columns: Int) throws -> String {
        switch form {
        case .kitty: kitty(try ImageFile.png.bytes(of: 0, image))
        case .sixel: sixel(image)
        case .blocks:
            rows(image, columns) { top, bottom in
                "\u{1B}[38;2;\(list(top));48;2;\(list(bottom))m▀"
            }.map { "\($0)\u{1B}[0m" }.joined(separator: "\n") + "\n"
        case .shades:
            rows(image, columns) { top, bottom in
                let light = (lightness(top) + lightness(bottom)) / 2
                return String([" ", "░", "▒", "▓", "█"][min(4, Int(light / 256 * 5))])
            }.joined(separator: "\n") + "\n"
        }
    }

    private static func kitty(_ png: [UInt8]) -> String {
        let text = Data(png).base64EncodedString()
        var pieces: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(rest.prefix(4096))
            rest = rest.dropFirst(4096)
        }
        return pieces.enumerated().map { index, piece in
            let head = index == 0 ? "a=T,f=100," : ""
            return "\u{1B}_G\(head)m=\(index < pieces.count - 1 ? 1 : 0);\(piece)\u{1B}\\"
        }.joined() + "\n"
    }

    /// In the 216 colours of a cube of six levels.
    private static func sixel(_ image: Frames) -> String {
        var text = "\u{1B}Pq\"1;1;\(image.width);\(image.height)"
        func level(_ value: UInt8) -> Int { (Int(value) * 5 + 127) / 255 }
        let colours = (0..<image.width * image.height).map { pixel in
            level(image.values[3 * pixel]) * 36 + level(image.values[3 * pixel + 1]) * 6
                + level(image.values[3 * pixel + 2])
        }
        for colour in Set(colours).sorted() {
            text += "#\(colour);2;\(colour / 36 * 20);\(colour / 6 % 6 * 20);\(colour % 6 * 20)"
        }
        for top in stride(from: 0, to: image.height, by: 6) {
            let rows = min(6, image.height - top)
            let band = colours[top * image.width..<(top + rows) * image.width]
            for colour in Set(band).sorted() {
                text += "#\(colour)"
                var (run, last) = (0, UInt8(0))
                func flush() {
                    text += run > 3 ? "!\(run)\(letter(last))" : String(repeating: letter(last), count: run)
                }
                for column in 0..<image.width {
                    var bits: UInt8 = 0
                    for row in 0..<rows where colours[(top + row) * image.width + column] == colour {
                        bits |= 1 << row
                    }
                    if bits == last {
                        run += 1
                    } else {
                        flush()
                        (run, last) = (1, bits)
                    }
                }
                flush()
                text += "$"
            }
            text += "-"
        }
        return text + "\u{1B}\\\n"
    }

    private static func letter(_ bits: UInt8) -> String { String(UnicodeScalar(bits + 63)) }

    private static func lightness(_ colour: ColourScale.Colour) -> Double {
        let (red, green, blue) = (Double(colour.red), Double(colour.green), Double(colour.blue))
        return 0.3 * red + 0.6 * green + 0.1 * blue
    }

    private static func list(_ colour: ColourScale.Colour) -> String { "\(colour.red);\(colour.green);\(colour.blue)" }

    /// Lines of cells, each with an upper and a lower pixel, which are means of the pixels that they cover.
    private static func rows(
        _ image: Frames, _ columns: Int, cell: (ColourScale.Colour, ColourScale.Colour) -> String
    ) -> [String] {
        let width = max(1, min(columns - 1, image.width))
        let height = max(2, (image.height * width / max(1, image.width) + 1) / 2 * 2)
        func mean(_ row: Int, _ column: Int) -> ColourScale.Colour {
            let rows =
                row * image.height
                / height..<max(row * image.height / height + 1, (row + 1) * image.height / height)
            let columns =
                column * image.width
                / width..<max(column * image.width / width + 1, (column + 1) * image.width / width)
            var sums = [0, 0, 0]
            for y in rows.clamped(to: 0..<image.height) {
                for x in columns {
                    for part in 0..<3 { sums[part] += Int(image.values[(y * image.width + x) * 3 + part]) }
                }
            }
            let count = max(1, rows.clamped(to: 0..<image.height).count * columns.count)
            return (UInt8(sums[0] / count), UInt8(sums[1] / count), UInt8(sums[2] / count))
        }
        return stride(from: 0, to: height, by: 2).map { row in
            (0..<width).map { cell(mean(row, $0), mean(row + 1, $0)) }.joined()
        }
    }
}
