import KitCore
import Testing

/// Long lines of help on a terminal.
struct FoldedTextTests {
    @Test(arguments: [
        ("short", "short"), ("", ""), ("a\n\nb", "a\n\nb"),
        ("one two three four five", "one two three\nfour five"),
        // Further lines stand below the text behind a name, and keep the indentation of a paragraph.
        ("name  one two three four", "name  one two\n      three\n      four"),
        ("  one two three four five", "  one two three\n  four five"),
        // A word that is too long stays whole, as do gaps far to the right.
        ("abcdefghijklmnopqrstuvw xyz", "abcdefghijklmnopqrstuvw\nxyz"),
        ("one two three  four five", "one two three \nfour five"),
    ])
    func linesBreakBetweenWords(text: String, expected: String) {
        #expect(FoldedText.fold(text, width: 15) == expected)
    }

    @Test func nothingIsLostAtAnyWidth() {
        let text = "  temperature  number; 0.001 to 100.0; default 0.1 (inferred). Divides the similarities."
        for width in 1...100 {
            let folded = FoldedText.fold(text, width: width)
            #expect(folded.split { $0 == " " || $0 == "\n" } == text.split(separator: " "), "\(width)")
            if width > 30 { #expect(folded.split(separator: "\n").allSatisfy { $0.count <= width }, "\(width)") }
        }
    }
}
