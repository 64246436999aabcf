import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WriteText.self) }

/// `kit.write_text { path = "page.md", text = "..." }`: a text file that appears whole or not at all.
struct WriteText: Function {
    static let name = "write_text"
    static let summary =
        "Writes a string as a UTF-8 file. The file gets its name when it is complete. Its folder is created if necessary."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file.") var path: String
    @Param("The content of the file.") var text: String

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        // In text from Lua, this character replaces bytes that are not UTF-8.
        guard !text.unicodeScalars.contains("\u{FFFD}") else {
            throw KitError.usage(
                "option 'text' contains bytes that are not UTF-8, or the character that replaces them (U+FFFD)")
        }
        try UnwrittenFiles.makeFolder(Folder.of(path))
        try AtomicFile.write(text.utf8, to: path)
        return ()
    }
}
