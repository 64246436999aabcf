import Foundation
import Kit

/// Runs the recipe of an earlier run up to its definitions: the source of plugins that are written in Lua, for programs
/// that read runs.
public enum RecipeDefinitions {
    /// Lets this program build encoders that recipes define.
    public static func install() { DefinitionSource { try load($0, $1) }.install() }

    private static func load(_ request: DefinitionSource.Request, _ body: () throws -> Void) throws -> AnyObject {
        let state = try LuaState()
        var missing = Set(request.names)
        state.core.onDefine = { [unowned core = state.core] declaration in
            missing.remove("\(declaration.kind).\(declaration.name)")
            if missing.isEmpty { core.stop() }
        }
        let session = Session(configuration: ResolvedConfiguration(overrides: request.overrides, isDryRun: true))
        session.settings.verbosity = -1
        do {
            try session.run { try state.run(file: request.recipe, modulesOf: request.folder) }
        } catch {
            throw error.asKitError.prefixed(
                "\(request.recipe), which defines \(request.names.joined(separator: ", ")), fails")
        }
        // Names that the recipe does not define may be those of a plugin that is not loaded: `body` says so.
        defer { PluginRegistry.shared.withdraw(definedBy: state.core) }
        try body()
        return state
    }
}
