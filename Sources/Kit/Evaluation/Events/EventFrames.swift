import Glibc
import KitCore
import KitData
import KitTensor

/// Features of timestamps, by recording.
package struct EventFrames {
    /// [timestamps, features] of all recordings.
    let features: Tensor
    let labels: Labels
    /// For each item of the dataset, its rows by time, and their times in milliseconds.
    let moments: [[(row: Int, time: Double)]]

    /// Throws if a recording has no timestamps, or if views have different ones.
    package init(_ sets: [FeatureSet], _ data: LabelledDataset, _ task: EventTask) throws {
        let ids = sets[0].ids
        let parts = try sets.map { try $0.rows(ids) }
        features = parts.count == 1 ? parts[0] : try Tensor.concat(parts, axis: 1)
        var found: [String: [(row: Int, time: Double)]] = [:]
        for (row, id) in ids.enumerated() {
            guard let (source, time) = FeatureSet.moment(id) else {
                throw KitError(
                    .badData,
                    "features '\(sets[0].view)': '\(id)' is not a timestamp: use kit.embed { rows = \"timestamp\" }")
            }
            found[source, default: []].append((row, time))
        }
        moments = try data.items.map { item in
            guard let moments = found[item.id] else {
                throw KitError(
                    .badData,
                    "features '\(sets[0].view)' have no timestamps of '\(item.id)': were they made from "
                        + "this dataset?")
            }
            return moments.sorted { $0.time < $1.time }
        }
        var rows = [[Int]](repeating: [], count: ids.count)
        for (item, moments) in zip(data.items, moments) {
            let labels = task.labels(of: item.id, at: moments.map(\.time))
            for (moment, labels) in zip(moments, labels) { rows[moment.row] = labels }
        }
        labels = Labels(classes: data.labels.classes, isMultiLabel: true, rows: rows)
    }

    /// All timestamps of some recordings.
    package func part(_ items: [Int]) throws -> ProbeTask.Items {
        let rows = items.flatMap { moments[$0].map(\.row) }
        return ProbeTask.Items(try features.gatherRows(rows), labels.rows(at: rows))
    }

    /// The mean over timestamps and classes. Scores are logits if the boundary is 0, else probabilities, whose
    /// logarithms are limited to -100, as in PyTorch.
    package static func crossEntropy(_ scores: Tensor, _ labels: Labels, _ boundary: Double) -> Double {
        let classes = scores.shape[1]
        var sum = 0.0
        for (row, truth) in labels.rows.enumerated() {
            for label in 0..<classes {
                let (score, isTrue) = (Double(scores.pointer[row * classes + label]), truth.contains(label))
                if boundary == 0 {
                    let against = isTrue ? -score : score
                    sum += max(against, 0) + log1p(exp(-abs(against)))
                } else {
                    sum -= max(log(isTrue ? score : 1 - score), -100)
                }
            }
        }
        return sum / Double(labels.count * classes)
    }

    /// The events of each recording, from the scores of `part(items)`.
    package func events(_ scores: Tensor, of items: [Int], _ filter: EventFilter, above boundary: Double) throws
        -> [[SoundEvent]]
    {
        var start = 0
        return try items.map { item in
            let times = moments[item].map(\.time)
            defer { start += times.count }
            return filter.events(
                try scores.slice(axis: 0, start..<start + times.count), times: times, above: boundary)
        }
    }
}
