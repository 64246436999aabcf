import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MakeFolder.self) }

/// `kit.make_folder { path = "world/films" }`.
struct MakeFolder: Function {
    static let name = "make_folder"
    static let summary = "Makes a folder and those above it, where they are not there yet."
    static let source = "This kit."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The folder.") var path: String

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        if UnwrittenFiles.areWanted { UnwrittenFiles.note(path) }
        try UnwrittenFiles.makeFolder(path)
        return ()
    }
}
