import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TopK.self) }

/// The share of items whose class is among the k highest scores.
final class TopK: Metric {
    static let name = "top_k"
    static let summary =
        "The share of items whose class has one of the k highest scores, 5 by default, from 0 to 1; one class per item. Of "
        + "equal scores, the first class counts as the higher."
    static let reference =
        "Russakovsky et al. 2015 (ImageNet), section 4.1: top-5; scikit-learn's top_k_accuracy_score."

    @Param("Number of classes that a probe may name.", in: 1...1_000_000, from: .inferred) var k: Int = 5

    init() {}

    func score(_ predictions: Predictions) throws -> Double {
        let truth = try predictions.oneLabel(for: Self.name)
        let classes = predictions.classCount
        let hits = truth.enumerated().count { item, label in
            let scores = predictions.scores.pointer + item * classes
            let higher = (0..<classes).count {
                scores[$0] > scores[label] || (scores[$0] == scores[label] && $0 < label)
            }
            return higher < k
        }
        return Double(hits) / Double(predictions.count)
    }
}
