import KitCore

/// The rows of a table of text fields separated by commas: RFC 4180.
package enum CSVRows {
    /// A row with the number of its first line. Empty lines are not rows.
    package typealias Row = (line: Int, fields: [String])

    /// - Parameter skipsSpaces: whether to ignore spaces before a field, as in AudioSet's lists.
    package static func parse(_ text: String, file: String, skipsSpaces: Bool = false) throws -> [Row] {
        let quote = UInt8(ascii: "\"")
        var rows: [Row] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var line = 1
        var begun = 1
        var isQuoted = false
        // Compares bytes: as a `Character`, a combining accent at the beginning of a field would merge with the comma
        // before it.
        var letters = Array(text.utf8)[...]
        func endRow() {
            fields.append(String(decoding: field, as: UTF8.self))
            if fields != [""] { rows.append((begun, fields)) }
            (fields, field, begun) = ([], [], line)
        }
        while let letter = letters.popFirst() {
            if letter == UInt8(ascii: "\n") { line += 1 }
            switch letter {
            case quote where isQuoted && letters.first == quote:
                letters.removeFirst()
                field.append(quote)
            case quote where isQuoted: isQuoted = false
            case _ where isQuoted: field.append(letter)
            case quote where field.isEmpty: isQuoted = true
            case UInt8(ascii: " ") where skipsSpaces && field.isEmpty: break
            case UInt8(ascii: ","):
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            case UInt8(ascii: "\n"): endRow()
            default: field.append(letter)
            }
        }
        guard !isQuoted else { throw KitError(.badData, "\(file):\(begun): a quoted field is not closed") }
        endRow()
        return rows
    }
}
