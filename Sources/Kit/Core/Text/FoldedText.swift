/// Text for a terminal, its long lines broken between words.
package enum FoldedText {
    /// The same text in lines of at most `width` characters, unless a word is longer. Continuation lines are indented
    /// to the last column of the line before: below the description, not below the name.
    package static func fold(_ text: String, width: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.count > width ? folded($0, width) : String($0) }.joined(separator: "\n")
    }

    private static func folded(_ line: Substring, _ width: Int) -> String {
        let indent = lastColumn(of: line, before: width / 2)
        var lines = [String(line.prefix(indent))]
        var isEmpty = true
        for word in line.dropFirst(indent).split(separator: " ", omittingEmptySubsequences: false) {
            let last = lines.count - 1
            if isEmpty {
                lines[last] += word
            } else if lines[last].count + 1 + word.count <= width {
                lines[last] += " \(word)"
            } else {
                lines.append(String(repeating: " ", count: indent) + word)
            }
            isEmpty = false
        }
        return lines.joined(separator: "\n")
    }

    /// The column after the last gap of two or more spaces before `limit`.
    private static func lastColumn(of line: Substring, before limit: Int) -> Int {
        var (column, spaces) = (line.prefix { $0 == " " }.count, 0)
        if column >= limit { column = 0 }
        for (index, letter) in line.prefix(limit).enumerated() {
            if letter != " ", spaces > 1 { column = index }
            spaces = letter == " " ? spaces + 1 : 0
        }
        return column
    }
}
