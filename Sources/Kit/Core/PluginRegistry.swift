import CRegistry

/// The type of a plugin's entry in the section `dubkit_plugins`.
public typealias PluginEntry = @convention(c) () -> UnsafeRawPointer

/// Hands a plugin's type to the registry; the body of a `PluginEntry`.
///
/// - Parameter prepare: what has to work before the plugin can, such as opening a library that it drives. If it throws, the
///   plugin is not loaded, and the error says so.
public func registerPlugin(_ type: any Plugin.Type, after prepare: () throws -> Void = {}) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passRetained(PluginTypeBox(type, Result { try prepare() })).toOpaque())
}

private final class PluginTypeBox {
    let type: any Plugin.Type
    let isReady: Result<Void, any Error>
    init(_ type: any Plugin.Type, _ isReady: Result<Void, any Error>) { (self.type, self.isReady) = (type, isReady) }
}

/// All plugins of this program, those linked into it found by walking the linker's section, and those of the files that it
/// has loaded. No list is kept by hand.
public final class PluginRegistry {
    /// The plugins of this process.
    public static let shared = PluginRegistry(declaredIn: dubkit_program_sections())

    private var types: [String: [String: any Plugin.Type]] = [:]
    /// By full name: what is thrown for a name that two plugins claim, since neither may take the other's place unseen.
    private var conflicts: [String: KitError] = [:]

    /// A registry of these plugins alone.
    public init(_ plugins: [any Plugin.Type]) {
        for type in plugins {
            guard let other = types[type.kind, default: [:]].updateValue(type, forKey: type.name), other != type else {
                continue
            }
            conflicts[type.qualifiedName] = KitError(
                .configuration,
                "two plugins are called \(type.qualifiedName): \(String(reflecting: other)) and \(String(reflecting: type))"
            )
        }
    }

    /// Adds plugins to those that there are: all of them or, if one's name is taken, none.
    func add(_ plugins: [any Plugin.Type]) throws {
        for (position, type) in plugins.enumerated() {
            let others = plugins[..<position] + (types[type.kind]?[type.name].map { [$0] } ?? [])
            guard let other = others.first(where: { $0.qualifiedName == type.qualifiedName }) else { continue }
            let owner = PluginFile.origin(of: other).map { "in \($0)" } ?? "\(String(reflecting: other))"
            throw KitError(
                .configuration, "there is a \(type.qualifiedName) already, \(owner): give one of them another name")
        }
        for type in plugins { types[type.kind, default: [:]][type.name] = type }
    }

    /// All kinds, sorted: "encoder", "loss"...
    public var kinds: [String] { types.keys.sorted() }

    /// The names of one kind, sorted.
    public func names(of kind: String) -> [String] { types[kind, default: [:]].keys.sorted() }

    /// All plugins, sorted by kind, then name.
    public var all: [any Plugin.Type] {
        kinds.flatMap { kind in names(of: kind).compactMap { types[kind]?[$0] } }
    }

    /// Finds a plugin. Throws an error with the nearest name if there is none, and one that names both if there are two.
    public func find(kind: String, name: String) throws -> any Plugin.Type {
        guard let family = types[kind] else {
            throw KitError.usage(
                "unknown kind '\(kind)'\(NearestName.hint(kind, in: types.keys)) "
                    + "(there are: \(kinds.joined(separator: ", ")))")
        }
        guard let type = family[name] else {
            throw KitError.usage(
                "unknown \(kind) '\(name)'\(NearestName.hint(name, in: family.keys)) "
                    + "(there are: \(names(of: kind).joined(separator: ", ")))")
        }
        if let conflict = conflicts[type.qualifiedName] { throw conflict }
        return type
    }

    /// Makes a plugin from options given by a recipe: every key checked, every value converted and range-checked.
    public func make(kind: String, name: String, options: Options) throws -> any Plugin {
        try Self.make(find(kind: kind, name: name), options: options)
    }

    /// Makes a plugin of a known type from options.
    public static func make(_ type: any Plugin.Type, options: Options) throws -> any Plugin {
        let plugin = type.init()
        do {
            try options.assign(to: plugin)
            try plugin.validate()
        } catch let error as KitError {
            throw error.prefixed(type.qualifiedName)
        }
        return plugin
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
                conflicts[box.type.qualifiedName] = KitError(.configuration, "\(box.type.qualifiedName): \(error)")
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

extension Plugin {
    /// "kit.loss.nt_xent": how a recipe names this plugin. The kind "kit" holds the functions directly under `kit`.
    public static var qualifiedName: String { kind == "kit" ? "kit.\(name)" : "kit.\(kind).\(name)" }
}
