/// An option of one value that can be the list part of the table: `kit.layer.dropout { 0.5 }` as well as
/// `kit.layer.dropout { probability = 0.5 }`.
public struct OnlyItem<Element: OptionConvertible>: OptionConvertible {
    public let value: Element
    public init(_ value: Element) { self.value = value }

    public static var optionTypeName: String { Element.optionTypeName }
    public static var optionWords: [String] { Element.optionWords }

    public init(option: OptionValue) throws {
        guard case .list(let items) = option, !items.isEmpty else {
            value = try Element(option: option)
            return
        }
        guard items.count == 1 else {
            throw OptionMismatch(expected: "one value (\(Element.optionTypeName))")
        }
        value = try Element(option: items[0])
    }
    public static func option(parsing text: String) -> OptionValue? { Element.option(parsing: text) }
    public var optionValue: OptionValue { value.optionValue }
    public var optionText: String { value.optionText }
}
