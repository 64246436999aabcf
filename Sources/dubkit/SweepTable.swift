import Foundation
import Kit

/// The results of a sweep: a row for each run with its keys, its last loss and the results of its evaluations.
struct SweepTable {
    /// The run folders.
    let runs: [String]
    private let rows: [[String]]

    init(_ sweep: SweepPlan, in folder: String) throws {
        let results = try sweep.cells.map { try RunOutcome.newest(below: "\(folder)/\($0.name)") }
        var names: [String] = []
        for result in results.compactMap({ $0 }) {
            for (name, _) in result.results where !names.contains(name) { names.append(name) }
        }
        let keys = sweep.cells.first?.values.map(\.key) ?? []
        let header = keys + ["state", "steps", "loss"] + names
        rows =
            [header]
            + zip(sweep.cells, results).map { cell, result in
                guard let result else { return cell.values.map(\.text) + ["no run"] }
                return cell.values.map(\.text) + [result.state, "\(result.steps)", result.loss.map(Self.text) ?? ""]
                    + names.map { name in result.results.first { $0.name == name }.map { Self.text($0.value) } ?? "" }
            }
        runs = results.compactMap { $0?.path }
    }

    var text: String { TextTable.text(rows) }

    /// Writes the rows as CSV.
    func write(_ path: String) throws {
        let text = rows.map { $0.map(Self.quoted).joined(separator: ",") }.joined(separator: "\n")
        try DiskFileSystem().replace(path, with: Data("\(text)\n".utf8))
    }

    /// A cell as CSV writes it: in quotes if it has a comma, a quote or a line break (RFC 4180).
    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { ",\"".contains($0) || $0.isNewline }) else { return cell }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    private static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
