import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadJSON.self) }

/// `kit.read_json { path = "cell.json" }`: a file of results as a Lua value.
struct ReadJSON: Function {
    static let name = "read_json"
    static let summary =
        "Reads a JSON file: objects and lists as tables, null as nil. The values of a .jsonl file, one on each line, are a list."
    static let reference = "RFC 8259."

    @Param("The file.") var path: String

    func construct() throws -> Any {
        let files = DiskFileSystem()
        guard files.exists(path) else { throw KitError(.noInput, "\(path): there is no such file") }
        let text = String(decoding: try files.read(path), as: UTF8.self)
        func value(_ text: some StringProtocol, at place: String) throws -> OptionValue {
            do { return try JSONOption.parse(text) } catch let error as KitError where error.kind == .badData {
                throw error.prefixed(place)
            }
        }
        guard FileName.ending(path) == "jsonl" else { return try value(text, at: path) }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        return OptionValue.list(
            try lines.filter { $1.contains { !$0.isWhitespace } }.map { try value($1, at: "\(path):\($0 + 1)") })
    }
}
