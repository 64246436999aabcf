/// Anything that a recipe can name: a loss, an encoder, a sampler, an augmentation, a function such as `kit.train`.
///
/// A plugin is one type in one file. It declares its parameters with `@Param` and enters the registry with one line:
///
///     @section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MyLoss.self) }
///
/// The Lua constructor with checked options, `help()`, the reference pages and the conformance tests all derive from it.
/// A protocol that refines `Plugin` (such as `Loss`) fixes `kind`; a recipe then finds the plugin as `kit.<kind>.<name>`.
public protocol Plugin: SendableMetatype {
    /// The family, which is the second word in `kit.<kind>.<name>`. Fixed by the protocol of the family.
    static var kind: String { get }
    /// The third word in `kit.<kind>.<name>`: the field's standard term, in snake case.
    static var name: String { get }
    /// What it does, in one sentence; for tensors with their shapes.
    static var summary: String { get }
    /// The paper, equation or program that defines it.
    static var source: String { get }

    /// The type of what the constructor gives: the plugin's own or, if it has no form in Lua, any value.
    static var returns: any OptionConvertible.Type { get }

    /// An instance whose parameters all have their defaults.
    init()

    /// Checks what one parameter alone cannot show. Called once, after all options were set.
    func validate() throws

    /// What the Lua constructor returns: the plugin itself, or what it builds (an encoder builds its module).
    func construct() throws -> Any

    /// Whether `construct` changes files and gives nothing that a recipe needs: of several processes rank 0 alone calls it then.
    var changesFiles: Bool { get }

    /// What is known of the plugin by its name: that of its type, unless it was defined while the program runs.
    var declaration: PluginDeclaration { get }

    /// The parameters by their Lua names, in the order of declaration: the properties marked `@Param`, unless the plugin
    /// was defined while the program runs.
    var parameters: [(name: String, param: any AnyParam)] { get }
}

extension Plugin {
    public static var returns: any OptionConvertible.Type {
        (Self.self as? any OptionConvertible.Type) ?? OptionValue.self
    }
    public func validate() throws {}
    public func construct() throws -> Any { self }
    public var changesFiles: Bool { false }
    public var declaration: PluginDeclaration { PluginDeclaration(Self.self) }
    public var parameters: [(name: String, param: any AnyParam)] { markedParameters }

    /// "kit.loss.nt_xent": how a recipe names the plugin.
    public var qualifiedName: String { declaration.qualifiedName }
    /// The same of a native type.
    public static var qualifiedName: String { PluginDeclaration(Self.self).qualifiedName }
}
