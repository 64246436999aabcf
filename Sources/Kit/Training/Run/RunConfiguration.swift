import KitCore

/// The recipe and the configuration of an earlier run, to run it again.
public struct RunConfiguration {
    /// The run folder.
    public let path: String
    /// The path of the recipe when the run started; nil if the run does not say.
    public let recipe: String?
    /// The recipe's keys, as `key=value` writes them.
    public let overrides: [(key: String, text: String)]

    /// The name of the recipe's copy in the run folder.
    public static let recipeFile = RunFolder.recipeFile

    /// Reads a run folder, or the newest run in a folder of runs.
    public init(_ folder: String) throws {
        let files = DiskFileSystem()
        path = try RunFolder.find(folder, having: ConfigurationFacts.fileName, files)
        overrides = try ConfigurationFacts.read(path, files).overrides
        recipe = files.exists("\(path)/\(ModelFacts.fileName)") ? try ModelFacts.read(path, files).recipe : nil
    }
}
