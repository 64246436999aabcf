import KitCore
import KitData
import KitEvaluation
import KitTensor

extension ConformanceCheck {
    static let metricScores = ConformanceCheck(
        "scores", "The value is a number, and the order of the items does not matter."
    ) { subject in
        guard subject.declaration.type is any Metric.Type, let metric = try subject.make() as? any Metric else {
            return nil
        }
        var faults: [String] = []
        var random = RandomStream(seed: 5)
        let classes = ["a", "b", "c"]
        for rows in [(0..<24).map { [$0 % 3] }, (0..<24).map { $0 % 4 == 0 ? [0, 2] : [$0 % 3] }] {
            let labels = Labels(classes: classes, isMultiLabel: rows.contains { $0.count > 1 }, rows: rows)
            let scores = Tensor.uniform([rows.count, classes.count], 0, 1, &random)
            let predictions = try Predictions(scores: scores, labels: labels)
            do {
                let value = try metric.score(predictions)
                if value.isNaN { faults.append("it is not a number") }
                let shuffled = try metric.score(predictions.items(random.permutation(rows.count)))
                if (value - shuffled).magnitude > 1e-6 * Swift.max(1, value.magnitude) {
                    faults.append("it is \(value), but \(shuffled) for the same items in another order")
                }
            } catch let error as KitError where labels.isMultiLabel && error.kind == .usage {
                // Some metrics are defined only for one class per item.
            }
        }
        return faults
    }
}
