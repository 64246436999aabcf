/// The description of a plugin, without an instance: what its constructor, help, completion and the reference pages
/// show.
///
/// A native type carries its declaration (`PluginDeclaration(NTXent.self)`). Others are made at run time, such as those
/// that a recipe defines in Lua.
///
/// Immutable. A declaration from Lua makes plugins only on its recipe's thread.
public final class PluginDeclaration: @unchecked Sendable {
    public let kind: String
    public let name: String
    /// The name in the previous version; nil if the plugin was not renamed.
    let formerName: String?
    /// What it does, in one sentence.
    public let summary: String
    /// The paper, equation or program that defines it; "" if unknown.
    public let reference: String
    /// Where it was defined in Lua, as "recipe.lua:12"; nil for a native plugin.
    public let place: String?
    /// The Swift type of the plugins that it makes.
    public let type: any Plugin.Type
    /// The interpreter that defined it; nil for a native plugin.
    let owner: AnyObject?
    private let makeInstance: (PluginDeclaration) -> any Plugin

    /// The declaration of a native type.
    public init(_ type: any Plugin.Type) {
        (kind, name, formerName) = (type.kind, type.name, type.formerName)
        (summary, reference) = (type.summary, type.reference)
        (place, owner) = (nil, nil)
        self.type = type
        makeInstance = { _ in type.init() }
    }

    /// A declaration that is made at run time.
    ///
    /// - Parameters:
    ///   - kind: such as "loss".
    ///   - name: in snake case, unique in its kind.
    ///   - summary: what it does, in a sentence.
    ///   - reference: the paper or library that it follows.
    ///   - place: where it was defined in Lua, as "recipe.lua:12".
    ///   - type: the type that `makeInstance` returns.
    ///   - owner: the object by which `PluginRegistry.withdraw` removes it.
    ///   - makeInstance: makes a plugin with this declaration and all options at their defaults.
    public init(
        kind: String, name: String, summary: String, reference: String, place: String, type: any Plugin.Type,
        owner: AnyObject, makeInstance: @escaping (PluginDeclaration) -> any Plugin
    ) {
        (self.kind, self.name, formerName) = (kind, name, nil)
        (self.summary, self.reference) = (summary, reference)
        self.place = place
        self.type = type
        self.owner = owner
        self.makeInstance = makeInstance
    }

    /// "kit.loss.nt_xent": how a recipe names the plugin. The kind "kit" is for functions directly under `kit`.
    public var qualifiedName: String { kind == "kit" ? "kit.\(name)" : "kit.\(kind).\(name)" }

    /// The type that the constructor returns, in the words of options' types.
    public var returns: String { type.returns.optionTypeName }

    /// The options with their defaults, by their Lua names.
    public var options: [(name: String, param: any AnyOption)] { makeInstance(self).declaredOptions }

    /// A plugin with all options at their defaults. It is not checked, and required options are not set.
    public func makeDefault() -> any Plugin { makeInstance(self) }

    /// Makes a plugin from the options of a recipe. Every key is checked, every value converted and range-checked.
    public func make(_ options: Options) throws -> any Plugin {
        let plugin = makeInstance(self)
        do {
            try options.assign(to: plugin)
            try plugin.validate()
        } catch let error as KitError {
            throw error.prefixed(qualifiedName)
        } catch {
            // The plugin threw an error type of its own.
            throw KitError(.internalFault, "\(qualifiedName): \(error)")
        }
        return plugin
    }
}
