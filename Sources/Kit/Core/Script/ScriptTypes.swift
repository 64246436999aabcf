import CRegistry
import Synchronization

/// Passes a type of native object to `ScriptTypes`, from the file that declares its conformance:
///
///     @section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Tensor.self) }
public func registerScriptType(_ type: any ScriptObject.Type) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passRetained(ScriptTypeBox(type)).toOpaque())
}

private final class ScriptTypeBox {
    let type: any ScriptObject.Type
    init(_ type: any ScriptObject.Type) { self.type = type }
}

/// The types of native objects that a recipe can get, for help and search.
public enum ScriptTypes {
    /// One type for each name, sorted. Plugins of one kind, such as all losses, share a name.
    public static var all: [any ScriptObject.Type] {
        let ofPlugins = PluginRegistry.shared.all.compactMap { $0.type as? any ScriptObject.Type }
        var byName: [String: any ScriptObject.Type] = [:]
        for type in linked + added.withLock({ $0 }) + ofPlugins where byName[type.scriptTypeName] == nil {
            byName[type.scriptTypeName] = type
        }
        return byName.values.sorted { $0.scriptTypeName < $1.scriptTypeName }
    }

    private static let linked = declared(in: dubkit_program_sections())
    /// The types from plugin files.
    private static let added = Mutex<[any ScriptObject.Type]>([])

    /// The type of this name, such as "film" or "film dataset"; nil if there is none.
    public static func find(_ name: String) -> (any ScriptObject.Type)? { all.first { $0.scriptTypeName == name } }

    /// Adds the types of a plugin file.
    static func add(declaredIn sections: dubkit_sections) {
        let types = declared(in: sections)
        added.withLock { $0 += types }
    }

    private static func declared(in sections: dubkit_sections) -> [any ScriptObject.Type] {
        sections.scriptTypes.map { Unmanaged<ScriptTypeBox>.fromOpaque($0()).takeRetainedValue().type }
    }
}
