import CRegistry
import Synchronization

/// The type of a plugin's entry in the section `dubkit_plugins`.
public typealias PluginEntry = @convention(c) () -> UnsafeRawPointer

/// Passes a plugin's type to the registry: the body of a `PluginEntry`.
///
/// - Parameters:
///   - type: the plugin.
///   - prepare: a step that must succeed first, such as opening a library that the plugin uses. If it throws, the
///     plugin is not loaded, and the error says so.
public func registerPlugin(_ type: any Plugin.Type, after prepare: () throws -> Void = {}) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passRetained(PluginTypeBox(type, Result { try prepare() })).toOpaque())
}

private final class PluginTypeBox {
    let type: any Plugin.Type
    let isReady: Result<Void, any Error>
    init(_ type: any Plugin.Type, _ isReady: Result<Void, any Error>) { (self.type, self.isReady) = (type, isReady) }
}

/// All plugins of this program: those linked into it, which are found in a section of the binary, those of loaded
/// plugin files, and those that recipes define. No list is kept by hand.
public final class PluginRegistry: Sendable {
    /// The plugins of this process.
    public static let shared = PluginRegistry(declaredIn: dubkit_program_sections())

    private struct Entries {
        /// By kind, then name.
        var declarations: [String: [String: PluginDeclaration]] = [:]
        /// By full name: the error for a name that two plugins claim. Neither may silently replace the other.
        var conflicts: [String: KitError] = [:]
    }

    private let entries: Mutex<Entries>
    private var declarations: [String: [String: PluginDeclaration]] { entries.withLock { $0.declarations } }

    /// A registry of only these plugins.
    public convenience init(_ plugins: [any Plugin.Type]) { self.init(plugins, conflicts: [:]) }

    /// - Parameter conflicts: the error to throw for a plugin, by full name.
    private init(_ plugins: [any Plugin.Type], conflicts: [String: KitError]) {
        var entries = Entries()
        for type in plugins {
            let declaration = PluginDeclaration(type)
            guard
                let other = entries.declarations[type.kind, default: [:]].updateValue(declaration, forKey: type.name),
                other.type != type
            else { continue }
            entries.conflicts[declaration.qualifiedName] = KitError(
                .configuration,
                "two plugins are called \(declaration.qualifiedName): \(String(reflecting: other.type)) and "
                    + String(reflecting: type))
        }
        entries.conflicts.merge(conflicts) { _, failure in failure }
        self.entries = Mutex(entries)
    }

    /// Adds plugins: all of them or, if one of the names is taken, none.
    func add(_ plugins: [any Plugin.Type]) throws {
        let declarations = declarations
        for (position, type) in plugins.enumerated() {
            let name = type.qualifiedName
            guard !plugins[..<position].contains(where: { $0.qualifiedName == name }) else {
                throw KitError(.configuration, "two of its plugins are called \(name): give one of them another name")
            }
            guard let other = declarations[type.kind]?[type.name] else { continue }
            let owner =
                other.place.map { "defined at \($0)" } ?? PluginFile.origin(of: other.type).map { "in \($0)" }
                ?? "one of the kit's own"
            throw KitError(.configuration, "\(name) exists already, \(owner): give one of them another name")
        }
        let added = plugins.map { PluginDeclaration($0) }
        entries.withLock { entries in
            for plugin in added { entries.declarations[plugin.kind, default: [:]][plugin.name] = plugin }
        }
    }

    /// All kinds, sorted: "encoder", "loss"...
    public var kinds: [String] { declarations.keys.sorted() }

    /// The names of one kind, sorted.
    public func names(of kind: String) -> [String] { declarations[kind, default: [:]].keys.sorted() }

    /// All plugins, sorted by kind, then name.
    public var all: [PluginDeclaration] {
        declarations.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Finds a plugin. Throws an error that suggests the nearest name if there is none, or names both if there are two.
    public func find(kind: String, name: String) throws -> PluginDeclaration {
        let entries = entries.withLock { $0 }
        guard let family = entries.declarations[kind] else {
            throw KitError.usage(
                "unknown kind '\(kind)'\(NearestName.hint(kind, in: entries.declarations.keys)) "
                    + "(there are: \(kinds.joined(separator: ", ")))")
        }
        guard let declaration = family[name] ?? renamed(name, in: family) else {
            let hint = NearestName.hint(name, in: family.keys)
            throw KitError.usage(
                "unknown \(kind) '\(name)'\(hint) (there are: \(names(of: kind).joined(separator: ", ")))"
                    + (hint.isEmpty ? PluginFile.absence : ""))
        }
        if let conflict = entries.conflicts[declaration.qualifiedName] { throw conflict }
        return declaration
    }

    /// The plugin that had this name in the previous version.
    private func renamed(_ name: String, in family: [String: PluginDeclaration]) -> PluginDeclaration? {
        guard let declaration = family.values.first(where: { $0.formerName == name }) else { return nil }
        FormerNames.notice("kit.\(declaration.kind).\(name)", isNow: declaration.qualifiedName)
        return declaration
    }

    /// Makes a plugin from the options of a recipe. Every key is checked, every value converted and range-checked.
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
    ///   - declaration: of a plugin that was made at run time.
    ///   - mayReplace: whether it may replace an earlier definition of its name, as at the prompt; if not, that is an
    ///     error.
    public func define(_ declaration: PluginDeclaration, mayReplace: Bool) throws {
        if let other = declarations[declaration.kind]?[declaration.name] {
            let name = declaration.qualifiedName
            guard let place = other.place else {
                throw KitError.usage(
                    "\(name) is a native plugin, which no definition can replace: choose another name, "
                        + "or remove the definition if the plugin replaces it")
            }
            guard mayReplace else {
                throw KitError.usage("\(name) is defined twice: at \(place) and at \(declaration.place ?? "?")")
            }
        }
        entries.withLock { $0.declarations[declaration.kind, default: [:]][declaration.name] = declaration }
    }

    /// Removes everything that `owner` defined.
    public func withdraw(definedBy owner: AnyObject) {
        // Release the removed plugins outside the lock: they may hold functions whose deinit calls the registry.
        var withdrawn: [PluginDeclaration] = []
        for plugin in all where plugin.owner === owner { withdrawn.append(plugin) }
        let names = withdrawn.map { ($0.kind, $0.name) }
        entries.withLock { entries in
            for (kind, name) in names {
                entries.declarations[kind]?[name] = nil
                if entries.declarations[kind]?.isEmpty == true { entries.declarations[kind] = nil }
            }
        }
    }

    /// The plugins that a file declares, or the error of each that cannot be used.
    static func declared(in sections: dubkit_sections) -> [Result<any Plugin.Type, any Error>] {
        boxes(in: sections).map { box in box.isReady.map { box.type } }
    }

    private convenience init(declaredIn sections: dubkit_sections) {
        let boxes = Self.boxes(in: sections)
        var failures: [String: KitError] = [:]
        for box in boxes {
            if case .failure(let error) = box.isReady {
                let name = box.type.qualifiedName
                failures[name] = KitError(.configuration, "\(name): \(error)")
            }
        }
        self.init(boxes.map(\.type), conflicts: failures)
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
