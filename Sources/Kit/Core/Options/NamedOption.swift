/// An option whose keys are free: `modules = { video = ..., audio = ... }`. Sorted by key, since Lua's order is not
/// fixed.
public struct NamedOption<Value: OptionConvertible>: OptionConvertible {
    public let entries: [(name: String, value: Value)]
    public init(_ entries: [(name: String, value: Value)] = []) { self.entries = entries.sortedByBytes(of: \.name) }

    public static var optionTypeName: String { "table of named \(Value.optionTypeName.typePlural)" }
    public init(option: OptionValue) throws {
        switch option {
        case .table(let options) where options.list.isEmpty:
            self.init(
                try options.named.map { key, value in
                    (key, try OptionMismatch.naming(".\(key)", value) { try Value(option: $0) })
                })
        case .list(let values) where values.isEmpty: self.init()
        default: throw OptionMismatch(expected: "a \(Self.optionTypeName)")
        }
    }
    public var optionValue: OptionValue {
        .table(Options(named: entries.map { ($0.name, $0.value.optionValue) }))
    }
    public var optionText: String {
        "{ \(entries.map { "\($0.name) = \($0.value.optionText)" }.joined(separator: ", ")) }"
    }
}
