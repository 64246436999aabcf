import Kit

/// The values of a recipe's keys in this run. Reading an unknown key is an error.
final class RecipeValues: ScriptObject {
    static let scriptTypeName = "recipe"
    static let scriptSummary = "The values of a recipe's keys in this run."

    private let entries: [ResolvedConfiguration.Entry]

    init(_ configuration: ResolvedConfiguration) { entries = configuration.entries }

    var scriptPropertyNames: [String] { entries.map(\.key) }

    func scriptProperty(_ name: String) -> OptionValue? { entries.first { $0.key == name }?.value }

    var scriptDescription: String {
        "recipe { \(entries.map { "\($0.key) = \($0.value.optionText)" }.joined(separator: ", ")) }"
    }
}
