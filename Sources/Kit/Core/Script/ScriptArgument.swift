/// One argument of a method that Lua can call, declared by its Swift type. Its help, its accepted values and its error
/// message follow from the type.
///
///     ScriptArgument("axis", Int.self)
///     ScriptArgument("last", Int?.self)                       // may be left out: nil
///     ScriptArgument("keepdims", Bool.self, default: false)   // may be left out: false
///     ScriptArgument(rest: "views", Tensor.self)              // all further arguments: [Tensor]
public struct ScriptArgument<Value>: AnyScriptArgument {
    public let name: String
    public let typeName: String
    public let words: [String]
    public let isOptional: Bool
    public let isVariadic: Bool
    public let isList: Bool
    public let defaultValue: String?
    /// Converts a value, which is null if it was left out, or throws `OptionMismatch`. The values of a variadic
    /// argument are converted together, as a list.
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

extension ScriptArgument where Value: OptionConvertible {
    /// An argument. If its type is optional, it may be left out and is then nil.
    public init(_ name: String, _ type: Value.Type) {
        self.init(name, type) { try Value(option: $0) }
    }

    /// An argument that may be left out and then has its default.
    public init(_ name: String, _ type: Value.Type, default value: Value) {
        self.init(name, type, defaultValue: value.optionText) { option in
            if case .null = option { value } else { try Value(option: option) }
        }
    }

    /// Any number of arguments from this position on. It must be the last one.
    public init<Element: OptionConvertible>(rest name: String, _ type: Element.Type) where Value == [Element] {
        self.init(name, type, isVariadic: true) { try Value(option: $0) }
    }
}

/// An argument whose Swift type the caller does not know.
public protocol AnyScriptArgument {
    var name: String { get }
    /// The type in the words of options' types, without "or nil".
    var typeName: String { get }
    /// The values as a recipe writes them, if there are only a few: for completion.
    var words: [String] { get }
    var isOptional: Bool { get }
    /// Whether it takes all further values.
    var isVariadic: Bool { get }
    /// Whether its value is a list.
    var isList: Bool { get }
    /// The default as a recipe would write it; nil if it is required or nil by default.
    var defaultValue: String? { get }
}

private protocol OptionalType { static var wrappedType: any OptionConvertible.Type { get } }
extension Optional: OptionalType where Wrapped: OptionConvertible {
    static var wrappedType: any OptionConvertible.Type { Wrapped.self }
}
