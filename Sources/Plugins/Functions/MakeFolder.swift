import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MakeFolder.self) }

/// `kit.make_folder { path = "world/films" }`.
struct MakeFolder: Function {
    static let name = "make_folder"
    static let summary = "Creates a folder and its parents, unless they exist."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The folder.") var path: String

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        if UnwrittenFiles.areWanted { UnwrittenFiles.note(path) }
        try UnwrittenFiles.makeFolder(path)
        return ()
    }
}
