import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WriteText.self) }

/// `kit.write_text { path = "page.md", text = "..." }`: a text file that is there whole, or not at all.
struct WriteText: Function {
    static let name = "write_text"
    static let summary =
        "Writes a text as a UTF-8 file. The file gets its name when it is complete; its folder is made."
    static let source = "This kit."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file.") var path: String
    @Param("All that the file holds.") var text: String

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        // Text from Lua has this sign in the place of bytes that are no UTF-8.
        guard !text.unicodeScalars.contains("\u{FFFD}") else {
            throw KitError.usage(
                "option 'text' holds bytes that are no UTF-8 text, or the sign that stands for them (U+FFFD)")
        }
        try UnwrittenFiles.makeFolder(Folder.of(path))
        try AtomicFile.write(text.utf8, to: path)
        return ()
    }
}
