/// An option that is one of a few words: `enum Variant: String, CaseIterable, ChoiceOption { case xs, s, m, l }`.
public protocol ChoiceOption: OptionConvertible, RawRepresentable, CaseIterable where RawValue == String {
    /// Words from elsewhere for one of the values, with that value: used for "did you mean". None by default.
    static var foreignWords: [String: String] { get }
    /// Words of the previous version with today's. They still work, with a notice. None by default.
    static var formerWords: [String: String] { get }
}

extension ChoiceOption {
    public static var foreignWords: [String: String] { [:] }
    public static var formerWords: [String: String] { [:] }
    public static var optionTypeName: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }
    public static var optionWords: [String] { allCases.map(\.optionText) }
    public init(option: OptionValue) throws {
        guard case .string(let given) = option else {
            throw OptionMismatch(option, isNoneOf: Self.allCases.map(\.rawValue))
        }
        let word = Self.formerWords[given] ?? given
        guard let value = Self(rawValue: word) else {
            throw OptionMismatch(option, isNoneOf: Self.allCases.map(\.rawValue), foreignWords: Self.foreignWords)
        }
        if word != given { FormerNames.notice("'\(given)'", isNow: word) }
        self = value
    }
    public static func option(parsing text: String) -> OptionValue? { .string(text) }
    public var optionValue: OptionValue { .string(rawValue) }
}
