import CRegistry

/// Hands a type of native object to `ScriptTypes`, from the file that makes it one:
///
///     @section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Tensor.self) }
public func registerScriptType(_ type: any ScriptObject.Type) -> UnsafeRawPointer {
    UnsafeRawPointer(Unmanaged.passRetained(ScriptTypeBox(type)).toOpaque())
}

private final class ScriptTypeBox {
    let type: any ScriptObject.Type
    init(_ type: any ScriptObject.Type) { self.type = type }
}

/// The types of native objects that a recipe can come to hold, for help and search.
public enum ScriptTypes {
    /// One for each type name, sorted by it. Plugins of one kind, such as all losses, share theirs.
    public static let all: [any ScriptObject.Type] = {
        let ofPlugins = PluginRegistry.shared.all.compactMap { $0.type as? any ScriptObject.Type }
        var byName: [String: any ScriptObject.Type] = [:]
        for type in linked() + ofPlugins where byName[type.scriptTypeName] == nil { byName[type.scriptTypeName] = type }
        return byName.values.sorted { $0.scriptTypeName < $1.scriptTypeName }
    }()

    /// "film" or, with words in between, "movie dataset"; nil if there is none.
    public static func find(_ name: String) -> (any ScriptObject.Type)? { all.first { $0.scriptTypeName == name } }

    private static func linked() -> [any ScriptObject.Type] {
        guard let begin = dubkit_script_types_begin(), let end = dubkit_script_types_end() else { return [] }
        return UnsafeBufferPointer(start: begin, count: end - begin).map { entry in
            Unmanaged<ScriptTypeBox>.fromOpaque(entry()).takeRetainedValue().type
        }
    }
}
