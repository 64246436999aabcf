import KitCore

/// Formats the results of a metric.
struct ResultText {
    /// "R@1, %".
    let title: String
    /// 100 for a metric in percent, else 1.
    let scale: Double
    private let digits: Int

    /// Metrics that are shown in percent, with their names for readers.
    private static let shares = [
        "top1": "top-1 accuracy", "balanced_accuracy": "balanced accuracy", "accuracy": "accuracy",
        "mean_average_precision": "mAP", "roc_auc": "ROC AUC", "recall_at_1": "R@1", "recall_at_5": "R@5",
        "recall_at_10": "R@10",
    ]
    private static let numbers = ["d_prime": "d'", "median_rank": "median rank"]

    init(_ metric: String) {
        if let share = Self.shares[metric] {
            (title, scale, digits) = ("\(share), %", 100, 1)
        } else {
            let words = metric.replacingOccurrences(of: "_", with: " ")
            (title, scale, digits) = (Self.numbers[metric] ?? words, 1, metric == "median_rank" ? 1 : 3)
        }
    }

    func callAsFunction(_ value: Double) -> String { decimal(value * scale, digits) }

    /// "57.1 to 65.0".
    func callAsFunction(_ interval: ClosedRange<Double>) -> String {
        "\(self(interval.lowerBound)) to \(self(interval.upperBound))"
    }
}
