/// Anything that a recipe can name: a loss, an encoder, a sampler, an augmentation, a function such as `kit.train`.
///
/// A plugin is one type in one file. It declares its options with `@Param` and enters the registry with one line:
///
///     @section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MyLoss.self) }
///
/// The Lua constructor with checked options, `help()`, the reference pages and the conformance tests all derive from it.
/// A protocol that refines `Plugin` (such as `Loss`) fixes `kind`; a recipe then finds the plugin as `kit.<kind>.<name>`.
public protocol Plugin: SendableMetatype {
    /// The family: the second word in `kit.<kind>.<name>`. The protocol of the family fixes it.
    static var kind: String { get }
    /// The third word in `kit.<kind>.<name>`: the field's standard term, in snake case.
    static var name: String { get }
    /// The name in the previous version, which still works, with a notice. Nil by default.
    static var formerName: String? { get }
    /// What the plugin does, in one sentence, with the shapes of tensors.
    static var summary: String { get }
    /// The paper, equation or program that defines it.
    static var reference: String { get }

    /// The type that the constructor returns: the plugin's own or, if it has no form in Lua, any value.
    static var returns: any OptionConvertible.Type { get }

    /// Creates an instance with all options at their defaults.
    init()

    /// Checks options against each other. Called once, after all of them were set.
    func validate() throws

    /// What the Lua constructor returns: the plugin itself, or what it builds (an encoder builds its module).
    func construct() throws -> Any

    /// Whether `construct` only changes files and returns nothing that a recipe needs. If so, only rank 0 calls it when
    /// several processes run the recipe. False by default.
    var changesFiles: Bool { get }

    /// The plugin's declaration: that of its type, unless it was defined at run time.
    var declaration: PluginDeclaration { get }

    /// The options by their Lua names, in the order of declaration: the properties marked `@Param`, unless the plugin
    /// was defined at run time.
    var declaredOptions: [(name: String, param: any AnyOption)] { get }
}

extension Plugin {
    public static var returns: any OptionConvertible.Type {
        (Self.self as? any OptionConvertible.Type) ?? OptionValue.self
    }
    public static var formerName: String? { nil }
    public func validate() throws {}
    public func construct() throws -> Any { self }
    public var changesFiles: Bool { false }
    public var declaration: PluginDeclaration { PluginDeclaration(Self.self) }
    public var declaredOptions: [(name: String, param: any AnyOption)] { markedOptions }

    /// "kit.loss.nt_xent": how a recipe names the plugin.
    public var qualifiedName: String { declaration.qualifiedName }
    /// The name of a native type.
    public static var qualifiedName: String { PluginDeclaration(Self.self).qualifiedName }
}
