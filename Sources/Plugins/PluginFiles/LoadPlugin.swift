import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LoadPlugin.self) }

/// `kit.plugin.load "build/soft_cosine.so"`: loads the plugins that a recipe needs.
final class LoadPlugin: CalledWithArguments {
    static let kind = "plugin"
    static let name = "load"
    static let summary =
        "Loads a plugin file, or all in a folder, and returns the names of the plugins. Files that are already loaded "
        + "are skipped."
    static let reference = "This kit; see docs/guide/plugins.md."
    static let arguments = ["path"]

    @Param(
        "A library from `dubkit plugin build`, or a folder of them. A relative path starts at the current folder, or else at the recipe's."
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
        let nextToRecipe = "\(folder)/\(path)"
        guard files.fileExists(atPath: nextToRecipe) else {
            throw KitError(
                .noInput, "there is no \(path), neither in the current folder nor next to the recipe (\(nextToRecipe))")
        }
        return nextToRecipe
    }
}
