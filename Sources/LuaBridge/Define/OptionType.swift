import Kit

/// The types that an option of a plugin written in Lua can have, by the words that help shows for them.
enum OptionType {
    private static let all: [any OptionConvertible.Type] = [
        Bool.self, Int.self, Double.self, String.self, [Int].self, [Double].self, [String].self, Ref<Tensor>.self,
        Ref<Module>.self, Ref<any ScriptFunction>.self, OptionValue.self,
    ]

    /// The type that some words name, or without words that of a default.
    static func find(
        _ words: String, orOf standard: OptionValue, hasChoices: Bool
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
        switch standard {
        case .null:
            guard hasChoices else { throw KitError.usage("give a default, or a type for a required option") }
            return String.self
        case .bool: return Bool.self
        case .int: return Int.self
        case .number: return Double.self
        case .string: return String.self
        case .list(let items): return items.isEmpty ? OptionValue.self : first(that: standard) { $0.hasPrefix("list") }
        case .table: return OptionValue.self
        case .object: return first(that: standard) { _ in true }
        }
    }

    private static func first(
        that value: OptionValue, ofTypes isWanted: (String) -> Bool
    ) -> any OptionConvertible.Type {
        all.first { isWanted($0.optionTypeName) && (try? $0.init(option: value)) != nil } ?? OptionValue.self
    }
}
