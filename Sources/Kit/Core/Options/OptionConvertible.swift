/// A type that crosses between a recipe and native code: that of an option, an argument, a field or a result.
public protocol OptionConvertible: SendableMetatype {
    /// The type in words a recipe's author understands: "number", "list of integers", "one of xs, s, m, l".
    static var optionTypeName: String { get }
    /// The values as a recipe writes them, if there are only a few: for completion.
    static var optionWords: [String] { get }
    /// Converts, or throws `OptionMismatch`.
    init(option: OptionValue) throws
    /// Parses a value from outside a recipe, as in `key=value`; nil if values of this type cannot be written there.
    /// Text that does not fit is returned as a string or number, which `init(option:)` refuses.
    static func option(parsing text: String) -> OptionValue?
    /// The value that `init(option:)` converts back.
    var optionValue: OptionValue { get }
    /// The value as a recipe would write it.
    var optionText: String { get }
}

extension OptionConvertible {
    public static var optionWords: [String] { [] }
    public static func option(parsing text: String) -> OptionValue? { nil }
    public var optionText: String { optionValue.optionText }
}

extension Bool: OptionConvertible {
    public static var optionTypeName: String { "boolean" }
    public static var optionWords: [String] { ["true", "false"] }
    public init(option: OptionValue) throws {
        guard case .bool(let value) = option else { throw OptionMismatch(expected: "true or false") }
        self = value
    }
    public static func option(parsing text: String) -> OptionValue? {
        text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
    }
    public var optionValue: OptionValue { .bool(self) }
}

extension Int: OptionConvertible {
    public static var optionTypeName: String { "integer" }
    public init(option: OptionValue) throws {
        switch option {
        case .int(let value): self = value
        case .number(let value):
            guard let exact = Int(exactly: value) else { throw OptionMismatch(expected: "an integer") }
            self = exact
        default: throw OptionMismatch(expected: "an integer")
        }
    }
    public static func option(parsing text: String) -> OptionValue? {
        Int(text).map(OptionValue.int) ?? Double.option(parsing: text)
    }
    public var optionValue: OptionValue { .int(self) }
}

extension Double: OptionConvertible {
    public static var optionTypeName: String { "number" }
    public init(option: OptionValue) throws {
        switch option {
        case .int(let value): self = Double(value)
        case .number(let value) where !value.isNaN: self = value
        default: throw OptionMismatch(expected: "a number")
        }
    }
    public static func option(parsing text: String) -> OptionValue? {
        // Swift also parses hexadecimal numbers such as "0x10"; options do not take them. Infinity is allowed.
        guard !text.lowercased().contains("x"), let value = Double(text) else { return .string(text) }
        return .number(value)
    }
    public var optionValue: OptionValue { .number(self) }
}

extension String: OptionConvertible {
    public static var optionTypeName: String { "string" }
    public init(option: OptionValue) throws {
        guard case .string(let value) = option else { throw OptionMismatch(expected: "a string") }
        self = value
    }
    public static func option(parsing text: String) -> OptionValue? { .string(text) }
    public var optionValue: OptionValue { .string(self) }
}

extension Optional: OptionConvertible where Wrapped: OptionConvertible {
    public static var optionTypeName: String { "\(Wrapped.optionTypeName) or nil" }
    public static var optionWords: [String] { Wrapped.optionWords }
    public init(option: OptionValue) throws {
        if case .null = option { self = nil } else { self = .some(try Wrapped(option: option)) }
    }
    public static func option(parsing text: String) -> OptionValue? {
        text == "nil" ? .null : Wrapped.option(parsing: text)
    }
    public var optionValue: OptionValue { self?.optionValue ?? .null }
    public var optionText: String { self?.optionText ?? "nil" }
}

extension Array: OptionConvertible where Element: OptionConvertible {
    public static var optionTypeName: String { "list of \(Element.optionTypeName.typePlural)" }
    public init(option: OptionValue) throws {
        guard case .list(let values) = option else {
            throw OptionMismatch(expected: Self.optionTypeName.withArticle)
        }
        self = try values.enumerated().map { index, value in
            try OptionMismatch.naming("[\(index + 1)]", value) { try Element(option: $0) }
        }
    }
    /// Items are separated by commas; the empty string is the empty list.
    public static func option(parsing text: String) -> OptionValue? {
        let texts = text.isEmpty ? [] : text.parts(separatedBy: ",", omittingEmpty: false)
        let items = texts.compactMap(Element.option)
        return items.count == texts.count ? .list(items) : nil
    }
    public var optionValue: OptionValue { .list(map(\.optionValue)) }
    public var optionText: String { "{ \(map(\.optionText).joined(separator: ", ")) }" }
}

/// Marks lists among the types, for help and messages.
protocol OptionList {}
extension Array: OptionList {}

/// An option that takes any value.
extension OptionValue: OptionConvertible {
    public static var optionTypeName: String { "value" }
    public init(option: OptionValue) throws { self = option }
    public var optionValue: OptionValue { self }
    public var optionText: String {
        switch self {
        case .null: "nil"
        case .bool(let value): value.description
        case .int(let value): value.description
        case .number(let value): value.description
        case .string(let value): "\"\(value)\""
        case .list(let values): values.optionText
        case .table(let options):
            "{ \((options.list.map(\.optionText) + options.named.map { "\($0.key) = \($0.value.optionText)" }).joined(separator: ", ")) }"
        case .object: givenText
        }
    }
}
