import Kit

/// A candidate.
package struct Candidate: Equatable {
    /// The text that replaces the word.
    package let text: String
    /// The text next to it: a type, a default, a summary.
    package var note = ""
    /// The text to add if it is the only candidate: " = " after an option's key.
    package var suffix = ""

    package init(text: String, note: String = "", suffix: String = "") {
        (self.text, self.note, self.suffix) = (text, note, suffix)
    }
}

/// The candidates for the word before the cursor.
package struct Completion: Equatable {
    /// The part of the word before the cursor, with which every candidate begins.
    package let word: String
    package let candidates: [Candidate]
    /// Shown if there are no candidates but there is a description, as for an option that takes any number.
    package let hint: String?

    package init(word: String = "", candidates: [Candidate] = [], hint: String? = nil) {
        self.word = word
        self.candidates = candidates.filter {
            $0.text.hasPrefix(word) && !($0.text == word && $0.suffix.isEmpty)
        }
        self.hint = hint
    }

    /// The text that can be added at once: the rest of the only candidate, or the common prefix of all.
    package var addition: String {
        guard let first = candidates.first else { return "" }
        if candidates.count == 1 { return String(first.text.dropFirst(word.count)) + first.suffix }
        let common = candidates.dropFirst().reduce(first.text) { agreed, next in
            String(zip(agreed, next.text).prefix { $0 == $1 }.map(\.0))
        }
        return String(common.dropFirst(word.count))
    }

    /// The candidates as a list below the line: one per line if they have notes, else in columns.
    package func list(width: Int) -> String {
        guard !candidates.isEmpty else { return hint ?? "" }
        if candidates.contains(where: { !$0.note.isEmpty }) {
            return TextTable.lines(candidates.map { [$0.text, $0.note] })
                .map { $0.count < width ? $0 : $0.prefix(max(0, width - 4)) + "..." }.joined(separator: "\n")
        }
        let longest = candidates.map(\.text.count).max() ?? 0
        let columns = max(1, (width - 1) / (longest + 2))
        let rows = (candidates.count + columns - 1) / columns
        return TextTable.text(
            (0..<rows).map { stride(from: $0, to: candidates.count, by: rows).map { candidates[$0].text } },
            Array(repeating: .left(atLeast: longest), count: columns))
    }
}
