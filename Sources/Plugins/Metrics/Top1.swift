import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Top1.self) }

/// The share of items whose class has the highest score.
final class Top1: Metric {
    static let name = "top1"
    static let summary = "The share of items whose class has the highest score, from 0 to 1; one class per item."
    static let reference = "scikit-learn's accuracy_score of the argmax."

    init() {}

    func score(_ predictions: Predictions) throws -> Double {
        let truth = try predictions.oneLabel(for: Self.name)
        return Double(zip(predictions.best, truth).count { $0 == $1 }) / Double(predictions.count)
    }
}
