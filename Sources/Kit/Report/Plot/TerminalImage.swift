import Foundation
import KitMedia

/// A picture as text that a terminal shows in place.
package enum TerminalPicture {
    package enum Form: String, CaseIterable, Sendable {
        /// PNG inside an escape: kitty, ghostty, WezTerm, Konsole.
        case kitty
        /// Pixels as DEC's terminals take them: foot, xterm, mlterm, iTerm2, Windows Terminal.
        case sixel
        /// Two pixels a letter, in 24-bit colours.
        case blocks
        /// Letters of several densities, without any colour.
        case shades
    }

    /// - Parameter columns: how wide the terminal is; blocks and shades are made to fit.
    package static func text(_ picture: Frames, as form: Form, columns: Int) throws -> String {
        switch form {
        case .kitty: kitty(try PictureFile.png.bytes(of: 0, picture))
        case .sixel: sixel(picture)
        case .blocks:
            rows(picture, columns) { top, bottom in
                "\u{1B}[38;2;\(list(top));48;2;\(list(bottom))m▀"
            }.map { "\($0)\u{1B}[0m" }.joined(separator: "\n") + "\n"
        case .shades:
            rows(picture, columns) { top, bottom in
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
    private static func sixel(_ picture: Frames) -> String {
        var text = "\u{1B}Pq\"1;1;\(picture.width);\(picture.height)"
        func level(_ value: UInt8) -> Int { (Int(value) * 5 + 127) / 255 }
        let colours = (0..<picture.width * picture.height).map { pixel in
            level(picture.values[3 * pixel]) * 36 + level(picture.values[3 * pixel + 1]) * 6
                + level(picture.values[3 * pixel + 2])
        }
        for colour in Set(colours).sorted() {
            text += "#\(colour);2;\(colour / 36 * 20);\(colour / 6 % 6 * 20);\(colour % 6 * 20)"
        }
        for top in stride(from: 0, to: picture.height, by: 6) {
            let rows = min(6, picture.height - top)
            let band = colours[top * picture.width..<(top + rows) * picture.width]
            for colour in Set(band).sorted() {
                text += "#\(colour)"
                var (run, last) = (0, UInt8(0))
                func flush() {
                    text += run > 3 ? "!\(run)\(letter(last))" : String(repeating: letter(last), count: run)
                }
                for column in 0..<picture.width {
                    var bits: UInt8 = 0
                    for row in 0..<rows where colours[(top + row) * picture.width + column] == colour {
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

    /// Lines of cells, each made of an upper and a lower pixel: the means of what they cover.
    private static func rows(
        _ picture: Frames, _ columns: Int, cell: (ColourScale.Colour, ColourScale.Colour) -> String
    ) -> [String] {
        let width = max(1, min(columns - 1, picture.width))
        let height = max(2, (picture.height * width / max(1, picture.width) + 1) / 2 * 2)
        func mean(_ row: Int, _ column: Int) -> ColourScale.Colour {
            let rows =
                row * picture.height
                / height..<max(row * picture.height / height + 1, (row + 1) * picture.height / height)
            let columns =
                column * picture.width
                / width..<max(column * picture.width / width + 1, (column + 1) * picture.width / width)
            var sums = [0, 0, 0]
            for y in rows.clamped(to: 0..<picture.height) {
                for x in columns {
                    for part in 0..<3 { sums[part] += Int(picture.values[(y * picture.width + x) * 3 + part]) }
                }
            }
            let count = max(1, rows.clamped(to: 0..<picture.height).count * columns.count)
            return (UInt8(sums[0] / count), UInt8(sums[1] / count), UInt8(sums[2] / count))
        }
        return stride(from: 0, to: height, by: 2).map { row in
            (0..<width).map { cell(mean(row, $0), mean(row + 1, $0)) }.joined()
        }
    }
}
