import Kit

/// A metric written in Lua.
final class DefinedMetric: Metric, DefinedPlugin {
    static let functions = [
        (
            name: "score",
            help: """
            Called as score(scores, labels, options) with a tensor [items, classes], higher is more certain, and the \
            class of each item, counted from 1, or a list of classes for multi-label items; returns a number.
            """
        )
    ]

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedMetric(definition) }

    func score(_ predictions: Predictions) throws -> Double {
        let labels = predictions.labels
        let classes = labels.rows.map { row -> OptionValue in
            labels.isMultiLabel ? .list(row.map { .int($0 + 1) }) : .int(row[0] + 1)
        }
        let result = try definition.call(.object(predictions.scores), .list(classes))
        guard let score = try? Double(option: result) else {
            throw definition.mismatch("a number", result.givenText)
        }
        return score
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DefinePlugin<DefinedMetric>.self) }
