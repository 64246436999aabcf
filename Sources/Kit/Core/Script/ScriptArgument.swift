/// One parameter of a method that Lua can call, declared by its Swift type. Its name in help, what it accepts and the
/// error for anything else follow from the type.
///
///     ScriptParameter("axis", Int.self)
///     ScriptParameter("last", Int?.self)                       // may be left out: nil
///     ScriptParameter("keepdims", Bool.self, default: false)   // may be left out: false
///     ScriptParameter(rest: "views", Tensor.self)              // all further arguments: [Tensor]
public struct ScriptParameter<Value>: AnyScriptParameter {
    public let name: String
    public let typeName: String
    public let words: [String]
    public let isOptional: Bool
    public let isVariadic: Bool
    public let isList: Bool
    public let defaultValue: String?
    /// Converts an argument, which is null where it was left out, or throws `OptionMismatch`. The arguments of a variadic
    /// parameter are converted together, as a list.
    let convert: (OptionValue) throws -> Value

    private init(
        _ name: String, _ type: any OptionConvertible.Type, isVariadic: Bool = false, defaultValue: String? = nil,
        convert: @escaping (OptionValue) throws -> Value
    ) {
        let wrapped = (type as? any OptionalType.Type)?.wrappedType
        self.name = name
        typeName = (wrapped ?? type).optionTypeName
        words = type.optionWords
        isOptional = wrapped != nil || isVariadic || defaultValue != nil
        self.isVariadic = isVariadic
        isList = (wrapped ?? type) is any OptionList.Type
        self.defaultValue = defaultValue
        self.convert = convert
    }
}

extension ScriptParameter where Value: OptionConvertible {
    /// A parameter that may be left out if its type is optional, and then is nil.
    public init(_ name: String, _ type: Value.Type) {
        self.init(name, type) { try Value(option: $0) }
    }

    /// A parameter that may be left out, and then has its default.
    public init(_ name: String, _ type: Value.Type, default value: Value) {
        self.init(name, type, defaultValue: value.optionText) { option in
            if case .null = option { value } else { try Value(option: option) }
        }
    }

    /// All arguments from this position on, any number of them. Only a method's last parameter can be one.
    public init<Element: OptionConvertible>(rest name: String, _ type: Element.Type) where Value == [Element] {
        self.init(name, type, isVariadic: true) { try Value(option: $0) }
    }
}

/// A parameter whose Swift type is not known to the caller.
public protocol AnyScriptParameter {
    var name: String { get }
    /// The type in the words of options' types, without "or nil".
    var typeName: String { get }
    /// The values as a recipe writes them, if there are but a few: for completion.
    var words: [String] { get }
    var isOptional: Bool { get }
    /// Whether it takes all further arguments.
    var isVariadic: Bool { get }
    /// Whether its value is a list.
    var isList: Bool { get }
    /// The default as a recipe would write it; nil for a required parameter, and for one that then is nil.
    var defaultValue: String? { get }
}

private protocol OptionalType { static var wrappedType: any OptionConvertible.Type { get } }
extension Optional: OptionalType where Wrapped: OptionConvertible {
    static var wrappedType: any OptionConvertible.Type { Wrapped.self }
}
