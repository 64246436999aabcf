import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ROCAUC.self) }

/// The probability that an item of a class scores higher than one of another, with ties counting half; averaged over
/// classes.
final class ROCAUC: Metric {
    static let name = "roc_auc"
    static let summary =
        "The mean over the classes of the area under the receiver operating characteristic; 0.5 is chance. Classes that "
        + "all items have, or none, do not count."
    static let reference = "scikit-learn's roc_auc_score with average='macro', one class against the rest."

    init() {}

    func score(_ predictions: Predictions) throws -> Double { try predictions.meanOverClasses(Self.area) }

    /// The area of one class (Mann and Whitney 1947).
    static func area(_ ranking: [(positives: Int, negatives: Int)]) -> Double {
        var (positives, negatives, wins) = (0, 0, 0.0)
        for group in ranking {
            wins += Double(group.negatives) * (Double(positives) + Double(group.positives) / 2)
            positives += group.positives
            negatives += group.negatives
        }
        return wins / (Double(positives) * Double(negatives))
    }
}
