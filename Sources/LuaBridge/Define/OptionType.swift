import Kit

/// The types that a recipe can name, by their names in help.
enum OptionType {
    private static let all: [any OptionConvertible.Type] = [
        Bool.self, Int.self, Double.self, String.self, [Int].self, [Double].self, [String].self, Tensor.self,
        Module.self, ObjectOption<any ScriptFunction>.self, OptionValue.self,
    ]

    /// The type of a name, or of a value if there is no name.
    static func find(
        _ words: String, orOf value: OptionValue?, _ choices: [String]?
    ) throws -> any OptionConvertible.Type {
        guard words.isEmpty else {
            let known = all.map { $0.optionTypeName }
            guard let place = known.firstIndex(of: words) else {
                throw KitError.usage(
                    "there is no type \"\(words)\"\(NearestName.hint(words, in: known)) "
                        + "(there are: \(known.joined(separator: ", ")), each also with \"or nil\")")
            }
            return all[place]
        }
        switch value {
        case nil where choices != nil: return String.self
        case nil: throw KitError.usage("write { value, \"help\", from = \"paper\" }, or give a type instead of a value")
        case .object?: return all.first { (try? $0.init(option: value!)) != nil } ?? OptionValue.self
        case let value?: return value.inferredType
        }
    }
}
