import KitCore
import Testing

/// Names of files and tracks on their way to a terminal.
struct PrintableTextTests {
    @Test(arguments: [
        ("film.mp4", "film.mp4"), ("日本 – é.mkv", "日本 – é.mkv"), ("", ""), ("a\tb\nc", "a\tb\nc"),
        ("\u{1B}[31mred\u{1B}[0m", "\\x1b[31mred\\x1b[0m"), ("\u{07}\u{08}\u{7F}", "\\x07\\x08\\u007f"),
        ("\u{9B}2J", "\\u009b2J"), ("a\rb", "a\\rb"), ("a\r\nb", "a\\r\nb"), ("4pm.\u{202E}gpj", "4pm.\\u202egpj"),
        ("e\u{1B}\u{301}", "e\\x1b\u{301}"),
    ])
    func whatSteersATerminalIsSpeltOut(text: String, expected: String) {
        #expect(Array(text.printable.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func aLineStaysOne() { #expect("a\nb\tc".printableLine == "a\\nb\\tc") }

    @Test func cellsOfATableStayInTheirRows() {
        #expect(TextTable.text([["a\nb", "c"], ["d\u{1B}[A", "e"]]) == "a\\nb     c\nd\\x1b[A  e")
    }

    /// Long names are cut so that the numbers beside them fit into a terminal.
    @Test func aTableFitsAWidth() {
        let rows = [["layer", "time"], ["encoder.blocks.0.conv1", "3 ms"]]
        #expect(
            TextTable.lines(rows, [.left(), .right()], width: 20) == [
                "layer           time", "encod….0.conv1  3 ms",
            ])
        #expect(TextTable.lines(rows, width: 20, cut: .end)[1] == "encoder.block…  3 ms")
        #expect(TextTable.lines(rows, width: 28) == TextTable.lines(rows))
    }
}
