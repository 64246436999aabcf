import CRegistry

/// The type of a plugin's entry in the section `dubkit_plugins`.
public typealias PluginEntry = @convention(c) () -> UnsafeRawPointer

/// Hands a plugin's type to the registry; the body of a `PluginEntry`.
public func registerPlugin(_ type: any Plugin.Type) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passRetained(PluginTypeBox(type)).toOpaque())
}

private final class PluginTypeBox {
    let type: any Plugin.Type
    init(_ type: any Plugin.Type) { self.type = type }
}

/// All plugins of this program: those linked into it, found by walking the linker's section, and those defined since. No
/// list is kept by hand.
public final class PluginRegistry {
    /// The plugins of this process. To be changed by the recipe's own thread alone.
    public static let shared = PluginRegistry(PluginRegistry.linkedPlugins())

    private var declarations: [String: [String: PluginDeclaration]] = [:]
    /// By full name: what is thrown for a name that two plugins claim, since neither may take the other's place unseen.
    private var conflicts: [String: KitError] = [:]

    /// A registry of these plugins alone.
    public init(_ plugins: [any Plugin.Type]) {
        for type in plugins {
            let declaration = PluginDeclaration(type)
            guard let other = declarations[type.kind, default: [:]].updateValue(declaration, forKey: type.name),
                other.type != type
            else { continue }
            conflicts[declaration.qualifiedName] = KitError(
                .configuration,
                "two plugins are called \(declaration.qualifiedName): \(String(reflecting: other.type)) and "
                    + String(reflecting: type))
        }
    }

    /// All kinds, sorted: "encoder", "loss"...
    public var kinds: [String] { declarations.keys.sorted() }

    /// The names of one kind, sorted.
    public func names(of kind: String) -> [String] { declarations[kind, default: [:]].keys.sorted() }

    /// All plugins, sorted by kind, then name.
    public var all: [PluginDeclaration] {
        kinds.flatMap { kind in names(of: kind).compactMap { declarations[kind]?[$0] } }
    }

    /// Finds a plugin. Throws an error with the nearest name if there is none, and one that names both if there are two.
    public func find(kind: String, name: String) throws -> PluginDeclaration {
        guard let family = declarations[kind] else {
            throw KitError.usage(
                "unknown kind '\(kind)'\(NearestName.hint(kind, in: declarations.keys)) "
                    + "(there are: \(kinds.joined(separator: ", ")))")
        }
        guard let declaration = family[name] else {
            throw KitError.usage(
                "unknown \(kind) '\(name)'\(NearestName.hint(name, in: family.keys)) "
                    + "(there are: \(names(of: kind).joined(separator: ", ")))")
        }
        if let conflict = conflicts[declaration.qualifiedName] { throw conflict }
        return declaration
    }

    /// Makes a plugin from options given by a recipe: every key checked, every value converted and range-checked.
    public func make(kind: String, name: String, options: Options) throws -> any Plugin {
        try find(kind: kind, name: name).make(options)
    }

    /// Makes a plugin of a known type from options.
    public static func make(_ type: any Plugin.Type, options: Options) throws -> any Plugin {
        try PluginDeclaration(type).make(options)
    }

    /// Adds a plugin that a recipe defines. Throws if a native one has its name.
    ///
    /// - Parameter mayReplace: whether it takes the place of an earlier definition of its name, as at the prompt; else that
    ///   is an error too.
    public func define(_ declaration: PluginDeclaration, mayReplace: Bool) throws {
        if let other = declarations[declaration.kind]?[declaration.name] {
            let name = declaration.qualifiedName
            guard let place = other.place else {
                throw KitError.usage("\(name) is a native plugin, which no definition can replace: choose another name")
            }
            guard mayReplace else {
                throw KitError.usage("\(name) is defined twice: at \(place) and at \(declaration.place ?? "?")")
            }
        }
        declarations[declaration.kind, default: [:]][declaration.name] = declaration
    }

    /// Takes back all that `owner` has defined.
    public func withdraw(definedBy owner: AnyObject) {
        for (kind, family) in declarations where family.values.contains(where: { $0.owner === owner }) {
            let rest = family.filter { $0.value.owner !== owner }
            declarations[kind] = rest.isEmpty ? nil : rest
        }
    }

    private static func linkedPlugins() -> [any Plugin.Type] {
        guard let begin = dubkit_plugins_begin(), let end = dubkit_plugins_end() else { return [] }
        return UnsafeBufferPointer(start: begin, count: end - begin).map { entry in
            Unmanaged<PluginTypeBox>.fromOpaque(entry()).takeRetainedValue().type
        }
    }
}
