import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WriteJSON.self) }

/// `kit.write_json { path = "cell.json", value = { top1 = 0.5 } }`: a file that appears whole or not at all.
struct WriteJSON: Function {
    static let name = "write_json"
    static let summary =
        "Writes a value as a JSON file with sorted keys. The file gets its name when it is complete. Its folder is created if necessary."
    static let reference = "RFC 8259."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file.") var path: String
    @Param("Numbers, strings, booleans, and tables of them that are either lists or objects.") var value: OptionValue

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        let data: Data
        do {
            data = try JSONText.document(JSONOption(plain: value, name: "value"))
        } catch is EncodingError {
            throw KitError.usage("option 'value' contains a number that is not finite, which JSON cannot express")
        }
        try UnwrittenFiles.makeFolder(Folder.of(path))
        try AtomicFile.write(data, to: path)
        return ()
    }
}
