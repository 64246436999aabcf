/// A table as it is, with undeclared keys.
extension Options: OptionConvertible {
    public static var optionTypeName: String { "table" }
    public init(option: OptionValue) throws {
        switch option {
        case .table(let options): self = options
        case .list(let items): self.init(list: items)
        default: throw OptionMismatch(expected: "a table")
        }
    }
    public var optionValue: OptionValue { .table(self) }
}
