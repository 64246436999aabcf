import KitCore
import KitData
import KitTensor

/// The scores of a probe for some items, and their true labels.
public struct Predictions {
    /// [items, classes]: higher is more certain.
    public let scores: Tensor
    public let labels: Labels

    /// Throws if there are no items, the sizes differ or a score is not a number.
    public init(scores: Tensor, labels: Labels) throws {
        guard labels.count > 0 else { throw KitError.usage("there are no items, so the metric is not defined") }
        guard scores.shape == [labels.count, labels.classes.count] else {
            throw KitError.usage(
                "scores must be [items \(labels.count), classes \(labels.classes.count)], but are \(scores.shape)")
        }
        guard scores.values.allSatisfy({ !$0.isNaN }) else {
            throw KitError(.nonFinite, "a score is not a number")
        }
        (self.scores, self.labels) = (scores, labels)
    }

    private init(_ scores: Tensor, _ labels: Labels) { (self.scores, self.labels) = (scores, labels) }

    public var count: Int { labels.count }
    public var classCount: Int { labels.classes.count }

    /// Some of the items; one may occur several times.
    public func items(_ items: [Int]) -> Predictions {
        let chosen = Tensor(uninitialized: [items.count, classCount])
        for (row, item) in items.enumerated() {
            (chosen.pointer + row * classCount).update(from: scores.pointer + item * classCount, count: classCount)
        }
        return Predictions(chosen, labels.rows(at: items))
    }

    /// The class with the highest score of each item; if several are equal, the first.
    public var best: [Int] {
        (0..<count).map { item in
            let row = scores.pointer + item * classCount
            return (0..<classCount).reduce(0) { row[$1] > row[$0] ? $1 : $0 }
        }
    }

    /// Each item's one class. Throws for multi-label items.
    public func oneLabel(for metric: String) throws -> [Int] {
        guard !labels.isMultiLabel else {
            throw KitError.usage(
                "kit.metric.\(metric) needs one class per item, but the task is multi-label: "
                    + "use mean_average_precision, roc_auc or d_prime")
        }
        return labels.rows.map { $0[0] }
    }

    /// The items from the highest to the lowest score of a class, in groups of equal score: the numbers of items with
    /// and without the class in each group. Nil if all items have it, or none.
    public func ranking(of label: Int) -> [(positives: Int, negatives: Int)]? {
        let truth = labels.has(label)
        let positives = truth.count { $0 }
        guard positives > 0, positives < count else { return nil }
        let ranked = (0..<count).map { (score: scores.pointer[$0 * classCount + label], isTrue: truth[$0]) }
            .sorted { $0.score > $1.score }
        var groups: [(positives: Int, negatives: Int)] = []
        var last = Float.nan
        for (score, isTrue) in ranked {
            if score != last { groups.append((0, 0)) }
            last = score
            if isTrue { groups[groups.count - 1].positives += 1 } else { groups[groups.count - 1].negatives += 1 }
        }
        return groups
    }

    /// The mean of a value over the classes that some items have and some do not. Throws if there is none.
    public func meanOverClasses(
        _ figure: (_ ranking: [(positives: Int, negatives: Int)]) -> Double
    ) throws -> Double {
        let values = (0..<classCount).compactMap { ranking(of: $0).map(figure) }
        guard !values.isEmpty else {
            throw KitError(
                .badData, "no class distinguishes the \(counted(count, "item")), so the metric is not defined")
        }
        let mean = values.reduce(0, +) / Double(values.count)
        guard !mean.isNaN else {
            throw KitError(.badData, "one class is infinitely good and another infinitely bad: the mean is not defined")
        }
        return mean
    }
}
