import KitCore
import KitData

extension ReaderCheck {
    /// Tables: fields and line numbers, lists of labels, manifests. What is read comes back the same once written.
    static let csv = ReaderCheck(name: "csv") { bytes in
        // Foundation loses a page of memory with each empty file that it reads.
        guard !bytes.isEmpty else { return }
        let file = try MemoryFile(bytes)
        _ = try unlessRefused { try LabelTable(file.path, columns: []) }
        guard let text = try unlessRefused({ try TextFile.read(file.path) }) else { return }
        for record in try unlessRefused({ try ManifestCSV.records(of: text, file: "the file") }) ?? [] {
            _ = try unlessRefused(record.value)
        }
        for skipsSpaces in [false, true] {
            guard let rows = try unlessRefused({ try CSVRows.parse(text, file: "the file", skipsSpaces: skipsSpaces) })
            else { continue }
            let lines = rows.map(\.line)
            let most = text.utf8.reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
            try expect(zip(lines, lines.dropFirst()).allSatisfy { $0 < $1 }, "lines \(lines)")
            try expect(lines.allSatisfy { (1...most).contains($0) }, "lines \(lines) of \(most)")
            let written = rows.map { $0.fields.map(quoted).joined(separator: ",") }.joined(separator: "\n")
            let again = try CSVRows.parse(written, file: "the copy").map { $0.fields.map { Array($0.utf8) } }
            try expect(again == rows.map { $0.fields.map { Array($0.utf8) } }, "other fields: \(written)")
        }
    }

    /// Quotes a field as RFC 4180 says, byte by byte, since a combining accent would hide the character before it.
    private static func quoted(_ field: String) -> String {
        let quote = UInt8(ascii: "\"")
        let inside = field.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
        return String(decoding: [quote] + inside + [quote], as: UTF8.self)
    }
}
