/// What is known of a plugin before one is made: what its constructor, help, completion and the reference pages show.
///
/// A native type carries its declaration (`PluginDeclaration(NTXent.self)`); others come up while the program runs, such
/// as those that a recipe defines in Lua.
///
/// Immutable. One that was defined in Lua makes plugins on its recipe's thread alone.
public final class PluginDeclaration: @unchecked Sendable {
    public let kind: String
    public let name: String
    /// What it does, in one sentence.
    public let summary: String
    /// The paper, equation or program that defines it; "" if nobody said.
    public let source: String
    /// Where it was defined in Lua, as "recipe.lua:12"; nil for a native plugin.
    public let place: String?
    /// The Swift type of the plugins that it makes.
    public let type: any Plugin.Type
    /// Who defined it; nil for a native plugin.
    let owner: AnyObject?
    private let standard: (PluginDeclaration) -> any Plugin

    /// The declaration of a native type.
    public init(_ type: any Plugin.Type) {
        (kind, name, summary, source) = (type.kind, type.name, type.summary, type.source)
        (place, owner) = (nil, nil)
        self.type = type
        standard = { _ in type.init() }
    }

    /// A declaration that comes up while the program runs.
    ///
    /// - Parameters:
    ///   - kind: such as "loss".
    ///   - name: in snake case, unique in its kind.
    ///   - summary: what it does, in a sentence.
    ///   - source: where it comes from, as a paper or a library.
    ///   - place: where it was defined in Lua, as "recipe.lua:12".
    ///   - type: what `standard` makes.
    ///   - owner: what `PluginRegistry.withdraw` takes it back by.
    ///   - standard: makes a plugin whose parameters all have their defaults, with this declaration as its own.
    public init(
        kind: String, name: String, summary: String, source: String, place: String, type: any Plugin.Type,
        owner: AnyObject, standard: @escaping (PluginDeclaration) -> any Plugin
    ) {
        (self.kind, self.name, self.summary, self.source) = (kind, name, summary, source)
        self.place = place
        self.type = type
        self.owner = owner
        self.standard = standard
    }

    /// "kit.loss.nt_xent": how a recipe names the plugin. The kind "kit" holds the functions directly under `kit`.
    public var qualifiedName: String { kind == "kit" ? "kit.\(name)" : "kit.\(kind).\(name)" }

    /// The type of what the constructor gives, in the words of options' types.
    public var returns: String { type.returns.optionTypeName }

    /// The parameters with their defaults, by their Lua names.
    public var parameters: [(name: String, param: any AnyParam)] { standard(self).parameters }

    /// A plugin whose parameters all have their defaults: not checked, and required ones not set.
    public func makeStandard() -> any Plugin { standard(self) }

    /// Makes a plugin from options given by a recipe: every key checked, every value converted and range-checked.
    public func make(_ options: Options) throws -> any Plugin {
        let plugin = standard(self)
        do {
            try options.assign(to: plugin)
            try plugin.validate()
        } catch let error as KitError {
            throw error.prefixed(qualifiedName)
        } catch {
            // An error of the plugin's own making.
            throw KitError(.internalFault, "\(qualifiedName): \(error)")
        }
        return plugin
    }
}
