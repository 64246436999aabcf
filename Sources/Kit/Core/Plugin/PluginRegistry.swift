import CRegistry

/// The type of a plugin's entry in the section `dubkit_plugins`.
public typealias PluginEntry = @convention(c) () -> UnsafeRawPointer

/// Hands a plugin's type to the registry; the body of a `PluginEntry`.
///
/// - Parameters:
///   - type: the plugin.
///   - prepare: what has to work before the plugin can, such as opening a library that it drives. If it throws, the
///     plugin is not loaded, and the error says so.
public func registerPlugin(_ type: any Plugin.Type, after prepare: () throws -> Void = {}) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passRetained(PluginTypeBox(type, Result { try prepare() })).toOpaque())
}

private final class PluginTypeBox {
    let type: any Plugin.Type
    let isReady: Result<Void, any Error>
    init(_ type: any Plugin.Type, _ isReady: Result<Void, any Error>) { (self.type, self.isReady) = (type, isReady) }
}

/// All plugins of this program: those linked into it, found by walking the linker's section, those of the files that it has
/// loaded, and those that recipes defined. No list is kept by hand.
public final class PluginRegistry {
    /// The plugins of this process. To be changed by the recipe's own thread alone.
    public static let shared = PluginRegistry(declaredIn: dubkit_program_sections())

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

    /// Adds plugins to those that there are: all of them or, if one's name is taken, none.
    func add(_ plugins: [any Plugin.Type]) throws {
        for (position, type) in plugins.enumerated() {
            let name = type.qualifiedName
            guard !plugins[..<position].contains(where: { $0.qualifiedName == name }) else {
                throw KitError(.configuration, "two of its plugins are called \(name): give one of them another name")
            }
            guard let other = declarations[type.kind]?[type.name] else { continue }
            let owner =
                other.place.map { "defined at \($0)" } ?? PluginFile.origin(of: other.type).map { "in \($0)" }
                ?? "one of the kit's own"
            throw KitError(.configuration, "there is a \(name) already, \(owner): give one of them another name")
        }
        for type in plugins { declarations[type.kind, default: [:]][type.name] = PluginDeclaration(type) }
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
            let hint = NearestName.hint(name, in: family.keys)
            throw KitError.usage(
                "unknown \(kind) '\(name)'\(hint) (there are: \(names(of: kind).joined(separator: ", ")))"
                    + (hint.isEmpty ? PluginFile.absence : ""))
        }
        if let conflict = conflicts[declaration.qualifiedName] { throw conflict }
        return declaration
    }

    /// Makes a plugin from options given by a recipe: every key checked, every value converted and range-checked.
    public func make(kind: String, name: String, options: Options) throws -> any Plugin {
        try find(kind: kind, name: name).make(options)
    }

    /// Makes a plugin of a known type from options.
    public static func make<Made: Plugin>(_ type: Made.Type, options: Options) throws -> Made {
        guard let plugin = try PluginDeclaration(type).make(options) as? Made else {
            preconditionFailure("the declaration of \(type) makes another type")
        }
        return plugin
    }

    /// Adds a plugin that a recipe defines. Throws if a native one has its name.
    ///
    /// - Parameters:
    ///   - declaration: of a plugin that came up while the program runs.
    ///   - mayReplace: whether it takes the place of an earlier definition of its name, as at the prompt; else that is
    ///     an error too.
    public func define(_ declaration: PluginDeclaration, mayReplace: Bool) throws {
        if let other = declarations[declaration.kind]?[declaration.name] {
            let name = declaration.qualifiedName
            guard let place = other.place else {
                throw KitError.usage(
                    "\(name) is a native plugin, which no definition can replace: choose another name, "
                        + "or remove the definition if the plugin takes its place")
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

    /// What a file declares: for each entry its plugin, or why that cannot work.
    static func declared(in sections: dubkit_sections) -> [Result<any Plugin.Type, any Error>] {
        boxes(in: sections).map { box in box.isReady.map { box.type } }
    }

    private convenience init(declaredIn sections: dubkit_sections) {
        let boxes = Self.boxes(in: sections)
        self.init(boxes.map(\.type))
        for box in boxes {
            if case .failure(let error) = box.isReady {
                let name = box.type.qualifiedName
                conflicts[name] = KitError(.configuration, "\(name): \(error)")
            }
        }
    }

    private static func boxes(in sections: dubkit_sections) -> [PluginTypeBox] {
        sections.plugins.map { Unmanaged<PluginTypeBox>.fromOpaque($0()).takeRetainedValue() }
    }
}

extension dubkit_sections {
    var plugins: UnsafeBufferPointer<dubkit_plugin_entry> {
        UnsafeBufferPointer(start: plugins_begin, count: plugins_begin.map { plugins_end! - $0 } ?? 0)
    }
    var scriptTypes: UnsafeBufferPointer<dubkit_plugin_entry> {
        UnsafeBufferPointer(start: script_types_begin, count: script_types_begin.map { script_types_end! - $0 } ?? 0)
    }
}
