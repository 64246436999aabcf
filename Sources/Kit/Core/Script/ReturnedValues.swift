/// Several results of a call, or none: `OptionValue.results`.
public final class ReturnedValues {
    public let values: [OptionValue]
    init(_ values: [OptionValue]) { self.values = values }
}

extension OptionValue {
    /// The results of a method or function that returns none or several. They must not be put into a list or table.
    public static func results(_ values: [OptionValue]) -> OptionValue { .object(ReturnedValues(values)) }
}

/// The result of a call that returns nothing.
public struct Nothing: OptionConvertible {
    public init() {}
    public static var optionTypeName: String { "nothing" }
    public init(option: OptionValue) throws {
        guard case .null = option else { throw OptionMismatch(expected: "nil") }
    }
    public var optionValue: OptionValue { .results([]) }
    public var optionText: String { "nil" }
}
