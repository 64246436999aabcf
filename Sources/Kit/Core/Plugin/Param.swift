/// Declares an option of a plugin. The property gives its name, type and default.
///
///     @Param("Divides the cosine similarities.", in: 1e-3...100, from: .inferred)
///     var temperature: Double = 0.1
///
///     @Param("Folder of films, or a manifest.") var path: String      // no default: required
///
/// Camel-case property names become snake case in Lua (`weightDecay` is `weight_decay`).
@propertyWrapper
public struct Param<Value: OptionConvertible>: AnyOption {
    // A box lets the registry set the value through a mirror of the plugin.
    private final class Box {
        var value: Value?
        init(_ value: Value?) { self.value = value }
    }

    private let box: Box
    private let check: (Value) throws -> Void
    public let help: String
    public let unit: String?
    public let provenance: Provenance
    public let isPositional: Bool
    public let isRest: Bool
    public let formerName: String?
    public let defaultValue: String?
    public let range: String?
    private let choices: [String]?

    /// - Parameters:
    ///   - wrappedValue: the default.
    ///   - help: what the option does, in a sentence.
    ///   - unit: such as "s", "Hz", "dB", "px".
    ///   - provenance: where the default comes from.
    ///   - positional: takes the list part of the option table, as in `kit.head.mlp { 1024, 1024, 128 }`.
    ///   - formerName: the option's Lua name in the previous version, which still works, with a notice.
    public init(
        wrappedValue: Value, _ help: String, unit: String? = nil, from provenance: Provenance, positional: Bool = false,
        was formerName: String? = nil
    ) {
        self.init(wrappedValue, help, unit, provenance, positional, was: formerName)
    }

    /// An option whose value must be in a closed range.
    public init(
        wrappedValue: Value, _ help: String, in range: ClosedRange<Value>, unit: String? = nil,
        from provenance: Provenance, was formerName: String? = nil
    ) where Value: Comparable {
        let text = "\(range.lowerBound.optionText) to \(range.upperBound.optionText)"
        self.init(wrappedValue, help, unit, provenance, false, text, was: formerName) { value in
            guard range.contains(value) else { throw OptionMismatch(expected: text) }
        }
    }

    /// A required option.
    public init(_ help: String, unit: String? = nil, positional: Bool = false) {
        self.init(nil, help, unit, .ours, positional)
    }

    /// Every key that is not the name of another option, as in `kit.recipe { batch = 24, data = "films" }`.
    public init(rest help: String) where Value == NamedOption<OptionValue> {
        self.init(NamedOption(), help, nil, .ours, false, rest: true)
    }

    /// - Parameters:
    ///   - value: the default; nil for a required option.
    ///   - range: the range in words.
    ///   - formerName: the option's name in the previous version.
    ///   - choices: the only values of a string, or of the strings of a list.
    ///   - check: throws an `OptionMismatch` if it refuses a value of the type.
    package init(
        _ value: Value?, _ help: String, _ unit: String? = nil, _ provenance: Provenance = .ours,
        _ positional: Bool = false, _ range: String? = nil, rest: Bool = false,
        was formerName: String? = nil, choices: [String]? = nil,
        check: @escaping (Value) throws -> Void = { _ in }
    ) {
        box = Box(value)
        self.help = help
        self.unit = unit
        self.provenance = provenance
        self.isPositional = positional
        isRest = rest
        self.formerName = formerName
        self.range = range
        self.check = check
        self.choices = choices
        defaultValue = value?.optionText
    }

    public var wrappedValue: Value {
        get {
            guard let value = box.value else { preconditionFailure("a required option is read before it was set") }
            return value
        }
        nonmutating set { box.value = newValue }
    }

    public var typeName: String {
        guard let choices else { return Value.optionTypeName }
        let words = "one of \(choices.joined(separator: ", "))"
        return Value.self is any OptionList.Type ? "list, each \(words)" : words
    }
    public var words: [String] { choices?.map(\.optionText) ?? Value.optionWords }
    public var isSet: Bool { box.value != nil }
    public var currentText: String? { box.value?.optionText }
    public var currentValue: OptionValue? { box.value?.optionValue }

    public func set(_ option: OptionValue) throws {
        let value = try Value(option: option)
        try check(value)
        if let choices { try OptionMismatch.require(value.optionValue, isOneOf: choices) }
        box.value = value
    }

    public func option(parsing text: String) -> OptionValue? { Value.option(parsing: text) }
}

/// An option whose value type the caller does not know.
public protocol AnyOption {
    var help: String { get }
    var unit: String? { get }
    var provenance: Provenance { get }
    var isPositional: Bool { get }
    /// Whether it takes every key that is not the name of another option.
    var isRest: Bool { get }
    /// The option's name in the previous version; nil if it was not renamed.
    var formerName: String? { get }
    /// The default as a recipe would write it; nil for a required option.
    var defaultValue: String? { get }
    /// "0.001 to 100", or nil for any value of the type.
    var range: String? { get }
    /// "number", "one of xs, s, m, l"...
    var typeName: String { get }
    /// The values as a recipe writes them, if there are only a few, for completion.
    var words: [String] { get }
    var isSet: Bool { get }
    /// The value as a recipe would write it; nil while a required option is not set.
    var currentText: String? { get }
    /// The value as `set` takes it; nil while a required option is not set.
    var currentValue: OptionValue? { get }
    func set(_ option: OptionValue) throws
    /// Parses a value that is written outside a recipe; nil if values of this type cannot be written there.
    func option(parsing text: String) -> OptionValue?
}

extension Plugin {
    /// The properties marked `@Param` by their Lua names, in the order of declaration.
    package var markedOptions: [(name: String, param: any AnyOption)] {
        Mirror(reflecting: self).children.compactMap { child in
            guard let label = child.label, let param = child.value as? any AnyOption else { return nil }
            return (String(label.drop { $0 == "_" }).snakeCased, param)
        }
    }
}

extension String {
    /// The Lua spelling of a Swift name: `weightDecay` becomes `weight_decay`.
    public var snakeCased: String {
        reduce(into: "") { text, letter in
            if letter.isUppercase { text += "_" + letter.lowercased() } else { text.append(letter) }
        }
    }
}
