import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BalancedAccuracy.self) }

/// Top-1 of each class, averaged over classes. Predicting only the majority class scores 1 / classes.
final class BalancedAccuracy: Metric {
    static let name = "balanced_accuracy"
    static let summary = "The mean over the classes of the share of their items that are found, from 0 to 1."
    static let reference = "scikit-learn's balanced_accuracy_score."

    init() {}

    func score(_ predictions: Predictions) throws -> Double {
        var (found, all) = ([Int: Int](), [Int: Int]())
        for (guess, truth) in zip(predictions.best, try predictions.oneLabel(for: Self.name)) {
            all[truth, default: 0] += 1
            found[truth, default: 0] += guess == truth ? 1 : 0
        }
        let recalls = all.sorted { $0.key < $1.key }.map { Double(found[$0.key]!) / Double($0.value) }
        return recalls.reduce(0, +) / Double(recalls.count)
    }
}
