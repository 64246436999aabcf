/// An option that takes one value or a list of them.
public struct OneOrMore<Element: OptionConvertible>: OptionConvertible {
    public let values: [Element]
    public init(_ values: [Element]) { self.values = values }

    public static var optionTypeName: String { "\(Element.optionTypeName) or list of them" }
    public init(option: OptionValue) throws {
        if case .list(let options) = option {
            guard !options.isEmpty else { throw OptionMismatch(expected: Self.optionTypeName.withArticle) }
            values = try [Element](option: option)
        } else {
            do {
                values = [try Element(option: option)]
            } catch let mismatch as OptionMismatch {
                throw mismatch.expecting(Self.optionTypeName.withArticle)
            }
        }
    }
    public var optionValue: OptionValue { values.count == 1 ? values[0].optionValue : values.optionValue }
    public var optionText: String { values.count == 1 ? values[0].optionText : values.optionText }
}
