import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MeanAveragePrecision.self) }

/// For each class, the mean over its items of the precision among all items with at least that score; averaged over
/// classes.
final class MeanAveragePrecision: Metric {
    static let name = "mean_average_precision"
    static let summary =
        "mAP: the mean over the classes of the average precision, from 0 to 1. Classes that all items have, or none, "
        + "do not count."
    static let reference = "scikit-learn's average_precision_score with average='macro'."

    init() {}

    func score(_ predictions: Predictions) throws -> Double {
        try predictions.meanOverClasses { ranking in
            let positives = ranking.reduce(0) { $0 + $1.positives }
            var (found, seen, sum) = (0, 0, 0.0)
            for group in ranking {
                found += group.positives
                seen += group.positives + group.negatives
                sum += Double(group.positives) * Double(found) / Double(seen)
            }
            return sum / Double(positives)
        }
    }
}
