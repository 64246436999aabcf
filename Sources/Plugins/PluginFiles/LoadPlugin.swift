import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LoadPlugin.self) }

/// `kit.plugin.load "build/soft_cosine.so"`: has a recipe say itself which plugins it needs.
final class LoadPlugin: CalledWithArguments {
    static let kind = "plugin"
    static let name = "load"
    static let summary =
        "Loads a plugin's file, or all in a folder, and returns the names of what it brings; nothing happens to what is "
        + "loaded already."
    static let source = "This kit; see docs/guide/plugins.md."
    static let arguments = ["path"]

    @Param("A library that `dubkit plugin build` made, or a folder of such.") var path: String

    init() {}

    func construct() throws -> Any {
        let names = try PluginFile.load(path).flatMap { $0.plugins.map { $0.qualifiedName } }
        return OptionValue.list(names.map(OptionValue.string))
    }
}
