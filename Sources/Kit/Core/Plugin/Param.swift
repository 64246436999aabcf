/// Declares one parameter of a plugin: its name is the property's, its type the value's.
///
///     @Param("Divides the cosine similarities.", in: 1e-3...100, from: .inferred)
///     var temperature: Double = 0.1
///
///     @Param("Folder of films, or a manifest.") var path: String      // no default: required
///
/// Camel-case property names become snake case in Lua (`weightDecay` is `weight_decay`).
@propertyWrapper
public struct Param<Value: OptionConvertible>: AnyParam {
    // A box, so that the registry can set the value through a mirror of the plugin.
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
    public let defaultValue: String?
    public let range: String?
    private let choices: [String]?

    /// - Parameters:
    ///   - wrappedValue: the default.
    ///   - help: what the option does, in a sentence.
    ///   - unit: such as "s", "Hz", "dB", "px".
    ///   - provenance: where the default comes from.
    ///   - positional: takes the list part of the option table, as in `kit.head.mlp { 1024, 1024, 128 }`.
    public init(
        wrappedValue: Value, _ help: String, unit: String? = nil, from provenance: Provenance, positional: Bool = false
    ) {
        self.init(wrappedValue, help, unit, provenance, positional)
    }

    /// A parameter whose value must lie in a closed range.
    public init(
        wrappedValue: Value, _ help: String, in range: ClosedRange<Value>, unit: String? = nil,
        from provenance: Provenance
    ) where Value: Comparable {
        let text = "\(range.lowerBound.optionText) to \(range.upperBound.optionText)"
        self.init(wrappedValue, help, unit, provenance, false, text) { value in
            guard range.contains(value) else { throw OptionMismatch(expected: text) }
        }
    }

    /// A required parameter.
    public init(_ help: String, unit: String? = nil, positional: Bool = false) {
        self.init(nil, help, unit, .ours, positional)
    }

    /// Every key that is no other parameter's name, as in `kit.recipe { batch = 24, data = "films" }`.
    public init(rest help: String) where Value == Named<OptionValue> {
        self.init(Named(), help, nil, .ours, false, rest: true)
    }

    /// - Parameters:
    ///   - value: the default; nil for a required parameter.
    ///   - range: the range in words.
    ///   - check: throws an `OptionMismatch` if a value of the type will not do.
    ///   - choices: the only values of a string, or of the strings of a list.
    package init(
        _ value: Value?, _ help: String, _ unit: String? = nil, _ provenance: Provenance = .ours,
        _ positional: Bool = false, _ range: String? = nil, rest: Bool = false, choices: [String]? = nil,
        check: @escaping (Value) throws -> Void = { _ in }
    ) {
        box = Box(value)
        self.help = help
        self.unit = unit
        self.provenance = provenance
        self.isPositional = positional
        isRest = rest
        self.range = range
        self.check = check
        self.choices = choices
        defaultValue = value?.optionText
    }

    public var wrappedValue: Value {
        get {
            guard let value = box.value else { preconditionFailure("a required parameter is read before it was set") }
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

/// A parameter whose value type is not known to the caller.
public protocol AnyParam {
    var help: String { get }
    var unit: String? { get }
    var provenance: Provenance { get }
    var isPositional: Bool { get }
    /// Whether it takes every key that is no other parameter's name.
    var isRest: Bool { get }
    /// The default as a recipe would write it; nil for a required parameter.
    var defaultValue: String? { get }
    /// "0.001 to 100", or nil for any value of the type.
    var range: String? { get }
    /// "number", "one of xs, s, m, l"...
    var typeName: String { get }
    /// The values as a recipe writes them, if there are but a few: for completion.
    var words: [String] { get }
    var isSet: Bool { get }
    /// The value as a recipe would write it; nil while a required parameter is not set.
    var currentText: String? { get }
    /// The value as `set` takes it; nil while a required parameter is not set.
    var currentValue: OptionValue? { get }
    func set(_ option: OptionValue) throws
    /// Parses a value that is written outside a recipe; nil if values of this type cannot be written there.
    func option(parsing text: String) -> OptionValue?
}

extension Plugin {
    /// The properties marked `@Param` by their Lua names, in the order of declaration.
    package var markedParameters: [(name: String, param: any AnyParam)] {
        Mirror(reflecting: self).children.compactMap { child in
            guard let label = child.label, let param = child.value as? any AnyParam else { return nil }
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
