import Synchronization

/// Finds plugins that an earlier run's recipe defined, so that the run's encoders can be built without the recipe.
///
/// The interpreter provides it; modules that read runs ask for it.
public struct DefinitionSource: Sendable {
    /// The definitions that a run needs, and the recipe that has them.
    public struct Request: Sendable {
        /// The recipe's text, in the run folder.
        public let recipe: String
        /// The folder that the recipe was in, where it finds its own Lua modules; nil if unknown.
        public let folder: String?
        /// Full names: "encoder.mine".
        public let names: [String]
        /// The values of the recipe's keys that were not its own.
        public let overrides: [(key: String, text: String)]

        public init(recipe: String, folder: String?, names: [String], overrides: [(key: String, text: String)]) {
            (self.recipe, self.folder, self.names, self.overrides) = (recipe, folder, names, overrides)
        }
    }

    private let load: @Sendable (Request, _ body: () throws -> Void) throws -> AnyObject

    /// - Parameter load: runs the recipe until all names are defined, then `body`, in which the registry has them. Returns
    ///   an object that keeps the definitions working; the registry does not have them any more.
    public init(load: @escaping @Sendable (Request, _ body: () throws -> Void) throws -> AnyObject) { self.load = load }

    private static let shared = Mutex<DefinitionSource?>(nil)

    /// Makes this the program's source.
    public func install() { Self.shared.withLock { $0 = self } }

    /// Runs `body` with the definitions of a recipe.
    ///
    /// - Returns: an object to keep as long as modules of these definitions are used.
    package static func with(_ request: Request, _ body: () throws -> Void) throws -> AnyObject {
        guard let source = shared.withLock({ $0 }) else {
            throw KitError(
                .configuration,
                "\(request.names.joined(separator: ", ")) is defined in Lua, and this program cannot run recipes")
        }
        return try source.load(request, body)
    }
}
