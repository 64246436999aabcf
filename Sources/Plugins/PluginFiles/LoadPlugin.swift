import Foundation
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

    @Param(
        "A library that `dubkit plugin build` made, or a folder of such. A relative path counts from here, or else from the recipe's folder."
    )
    var path: String

    init() {}

    func construct() throws -> Any {
        let names = try PluginFile.load(place()).flatMap { $0.plugins.map { $0.qualifiedName } }
        return OptionValue.list(names.map(OptionValue.string))
    }

    private func place() throws -> String {
        let files = FileManager.default
        guard !path.hasPrefix("/"), !files.fileExists(atPath: path), let recipe = Session.current.settings.recipe else {
            return path
        }
        let folder = URL(fileURLWithPath: recipe).deletingLastPathComponent().relativePath
        let beside = "\(folder)/\(path)"
        guard files.fileExists(atPath: beside) else {
            throw KitError(.noInput, "there is no \(path), neither here nor beside the recipe (\(beside))")
        }
        return beside
    }
}
