import KitCore
import KitData
import KitTensor

/// A measure of how well scores fit labels: `kit.metric.top1 {}`.
public protocol Metric: Plugin, ScriptObject {
    /// Throws if the metric is not defined for these labels.
    func score(_ predictions: Predictions) throws -> Double
}

extension Metric {
    public static var kind: String { "metric" }
    public static var scriptTypeName: String { "metric" }
    public static var scriptSummary: String { "A measure of how well scores fit labels; call it with both." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any Metric).self,
                "The value for scores [items, classes] and a list of classes: one number per item, or a list of numbers.",
                ScriptArgument("scores", Tensor.self), ScriptArgument("labels", [OptionValue].self),
                returns: Double.self
            ) { metric, scores, labels in
                try metric.score(Predictions(scores: scores, labels: Labels(labels, of: scores)))
            }
        ]
    }
    public var scriptDescription: String { settings }
}

extension Labels {
    /// Labels in a recipe's form, with classes counted from 1.
    fileprivate init(_ values: [OptionValue], of scores: Tensor) throws {
        guard scores.shape.rank == 2, scores.shape[0] == values.count else {
            throw KitError.usage("scores must be [items \(values.count), classes], but are \(scores.shape)")
        }
        // A tensor without items may state any number of classes, and no score is defined for it.
        guard !values.isEmpty else { throw KitError.usage("there are no items to score: scores are \(scores.shape)") }
        let count = scores.shape[1]
        var isMultiLabel = false
        let rows = try values.map { value -> [Int] in
            var numbers: [OptionValue] = [value]
            if case .list(let list) = value { (numbers, isMultiLabel) = (list, true) }
            return try numbers.map { number in
                guard let label = try? Int(option: number), 1...max(1, count) ~= label else {
                    throw KitError.usage("labels must be classes from 1 to \(count), but one is \(number.givenText)")
                }
                return label - 1
            }.sorted()
        }
        self.init(classes: (1...max(1, count)).map(String.init), isMultiLabel: isMultiLabel, rows: rows)
    }
}
