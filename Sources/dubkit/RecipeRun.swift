import Kit
import LuaBridge

/// The run of a recipe in the current session.
enum RecipeRun {
    /// - Parameters:
    ///   - recipe: the file.
    ///   - folder: where the recipe was at first, if the file is a copy: `require` finds modules there too.
    ///   - showsTrace: whether an error comes with Lua's traceback.
    static func run(_ recipe: String, modulesOf folder: String? = nil, showsTrace: Bool) throws {
        let state = try LuaState()
        do {
            try state.run(file: recipe, modulesOf: folder)
        } catch {
            if showsTrace, let trace = state.lastTraceback { StandardStreams.complain(trace) }
            throw error
        }
    }
}
