/// A property that Lua reads as `object.name`, declared by its Swift type:
///
///     ScriptField("path", on: TrainedRun.self, String.self) { $0.path }
public struct ScriptField {
    public let name: String
    /// The type in the words of options' types.
    public let typeName: String
    /// Whether it covers properties of any name, as `clip.audio.en`.
    let isEveryName: Bool
    private let body: (Any, String) -> OptionValue?

    /// - Parameters:
    ///   - name: as Lua writes it.
    ///   - object: the type that has the property.
    ///   - type: the type of the value.
    ///   - read: returns the value, or nil if this object has no such property.
    public init<Object, Value: OptionConvertible>(
        _ name: String, on object: Object.Type, _ type: Value.Type, read: @escaping (Object) -> Value?
    ) {
        self.name = name
        typeName = type.optionTypeName
        isEveryName = false
        body = { object, asked in asked == name ? (object as? Object).flatMap(read)?.optionValue : nil }
    }

    /// Properties whose names depend on the object.
    public init<Object, Value: OptionConvertible>(
        everyNameOn object: Object.Type, _ type: Value.Type, read: @escaping (Object, String) -> Value?
    ) {
        name = "[string]"
        typeName = type.optionTypeName
        isEveryName = true
        body = { object, asked in (object as? Object).flatMap { read($0, asked) }?.optionValue }
    }

    /// The value of a property; nil if the name is another one's, or this object does not have it.
    func value(_ name: String, of object: Any) -> OptionValue? { body(object, name) }
}

extension ScriptObject {
    public static var scriptFields: [ScriptField] { [] }
    public func scriptProperty(_ name: String) -> OptionValue? {
        Self.scriptFields.lazy.compactMap { $0.value(name, of: self) }.first
    }
    public var scriptPropertyNames: [String] {
        Self.scriptFields.filter { !$0.isEveryName && $0.value($0.name, of: self) != nil }.map(\.name)
    }
}
