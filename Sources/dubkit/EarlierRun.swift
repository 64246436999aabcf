import Foundation
import Kit

/// A run folder as the source of a configuration.
struct EarlierRun {
    let path: String
    /// The path of the recipe when the run started; nil if the run does not say, or the file is gone.
    let recipe: String?
    /// The folder that the recipe was in.
    let recipeFolder: String?
    /// The recipe's keys, as `key=value` writes them.
    let overrides: [(key: String, text: String)]

    /// - Parameter folder: a run folder, or a folder of runs, of which the newest is used.
    init(_ folder: String) throws {
        let run = try RunConfiguration(folder)
        path = run.path
        recipe = run.recipe.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
        recipeFolder = run.recipe.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        overrides = run.overrides
    }

    /// The copy of the recipe in the run folder.
    var copy: String { "\(path)/\(RunConfiguration.recipeFile)" }
}
