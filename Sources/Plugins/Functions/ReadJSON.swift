import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadJSON.self) }

/// `kit.read_json { path = "cell.json" }`: a file of results as a Lua value.
struct ReadJSON: Function {
    static let name = "read_json"
    static let summary = "Reads a JSON file: objects and lists as tables, null as nil."
    static let reference = "RFC 8259."

    @Param("The file.") var path: String

    func construct() throws -> Any {
        let files = DiskFileSystem()
        guard files.exists(path) else { throw KitError(.noInput, "\(path): there is no such file") }
        do {
            return try JSONOption.parse(String(decoding: try files.read(path), as: UTF8.self))
        } catch let error as KitError where error.kind == .badData { throw error.prefixed(path) }
    }
}
