import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CopyFile.self) }

/// `kit.copy_file { from = "a.wav", to = "sounds/a.wav" }`: a copy that appears whole or not at all.
struct CopyFile: Function {
    static let name = "copy_file"
    static let summary =
        "Copies a file. The copy gets its name when it is complete. Its folder is created if necessary."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file to copy.") var from: String
    @Param("The copy; a file of this name is replaced.") var to: String

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        try UnwrittenFiles.makeFolder(Folder.of(to))
        try AtomicFile.copy(from, to: to)
        return ()
    }
}
