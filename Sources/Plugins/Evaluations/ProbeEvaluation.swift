import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ProbeEvaluation.self) }

/// `kit.evaluate.probe { ... }`: how well a small model predicts labels from frozen features.
final class ProbeEvaluation: Evaluation {
    static let name = "probe"
    static let summary =
        "Trains a probe on frozen features in every fold of a labelled dataset, and reports the mean over the folds of "
        + "each metric on the test items, with a bootstrap interval."
    static let reference =
        "Turian et al. 2022 (HEAR, arXiv 2203.03022), section 4: probes, folds and metrics; Efron 1979 for the intervals."

    @Param("The labelled dataset, from kit.dataset.csv, esc50, hear or others.")
    var data: LabelledDataset
    @Param("Features of its items from kit.embed or kit.features; several are concatenated.")
    var features: OneOrMore<FeatureSet>
    @Param("The probe to train on them.") var probe: ObjectOption<any Probe>
    @Param(
        "How frames or tokens of features become one vector for each item: mean, max, mean_max (both side by side) or attention, a weighted mean whose weights are trained on the training items together with a linear classifier.",
        from: .ours)
    var pooling: ProbePooling = .mean
    @Param("The metrics; the first also chooses on the validation items.") var metrics:
        OneOrMore<ObjectOption<any Metric>>
    @Param(
        "Number of draws for the interval of each result; 0 gives none. Whole films, recordings or speakers are drawn.",
        in: 0...1_000_000, from: .ours)
    var resamples: Int = 1000
    @Param("The share of the draws within the interval.", in: 0.01...0.9999, from: .ours) var level: Double = 0.95
    @Param("Seed of the probe, of the choice of validation items and of the draws.", from: .ours)
    var seed: Int = 0

    init() {}

    func validate() throws {
        let encoders = Set(features.values.map(\.encoder)).sortedByBytes()
        guard encoders.count == 1 else {
            throw KitError.usage(
                "option 'features' mixes the features of different encoders: \(encoders.joined(separator: "; "))")
        }
    }

    func evaluate() throws -> EvaluationReport {
        let ids = data.items.map(\.id)
        // Attention is trained in each fold; everything else is the same in all of them.
        let fixed = try features.values.map { set -> Tensor? in
            set.frames != nil && pooling == .attention ? nil : try set.pooled(pooling.fixed).rows(ids)
        }
        let framed = try zip(features.values, fixed).map { set, rows in rows == nil ? try set.frames(of: ids) : [] }
        func rows(_ fold: Fold) throws -> Tensor {
            let parts = try zip(fixed, framed).map { rows, frames in
                try rows ?? AttentionPooling(seed: seed).pooled(frames, data.labels, train: fold.train)
            }
            return parts.count == 1 ? parts[0] : try Tensor.concat(parts, axis: 1)
        }
        var folds: [Outcome] = []
        for fold in data.folds {
            try Interrupt.check()
            do {
                folds.append(try outcome(fold, rows, data))
            } catch let error as KitError {
                throw error.prefixed("\(data.name), fold '\(fold.name)'")
            }
        }
        return report(folds, data)
    }

    /// The results of a probe in one fold.
    private struct Outcome {
        let name: String
        let predictions: Predictions
        /// The test items of each group, as rows of the predictions.
        let groups: [[Int]]
        let scores: [Double]
        let choices: [(name: String, value: Double)]
    }

    private func outcome(
        _ given: Fold, _ pooled: (Fold) throws -> Tensor, _ data: LabelledDataset
    ) throws -> Outcome {
        let probe = probe.object
        let fold = probe.choosesByValidation ? try given.withValidation(data.items, seed: seed) : given
        let rows = try pooled(fold)
        func part(_ items: [Int]) throws -> ProbeTask.Items {
            ProbeTask.Items(try rows.gatherRows(items), data.labels.rows(at: items))
        }
        // A probe without a choice does not need validation items, so it is trained on them too.
        let train = probe.choosesByValidation ? fold.train : (fold.train + fold.valid).sorted()
        let task = ProbeTask(
            train: try part(train), valid: probe.choosesByValidation ? try part(fold.valid) : nil,
            metric: metrics.values[0].object, seed: seed)
        let fitted = try probe.fit(task)
        let test = try part(fold.test)
        let predictions = try Predictions(scores: fitted.scores(test.features), labels: test.labels)
        let groups = Dictionary(grouping: fold.test.indices, by: { data.items[fold.test[$0]].group })
        return Outcome(
            name: fold.name, predictions: predictions, groups: groups.sortedByBytes(of: \.key).map(\.value),
            scores: try metrics.values.map { try $0.object.score(predictions) }, choices: fitted.choices)
    }

    private func report(_ folds: [Outcome], _ data: LabelledDataset) -> EvaluationReport {
        var results: [(name: String, value: Double)] = []
        let views = features.values.map(\.view).joined(separator: " + ")
        let tested = folds.reduce(0) { $0 + $1.predictions.count }
        var table = [
            "\(data.name): \(probe.object.declaration.name) probe on \(views), \(counted(data.labels.classes.count, "class", "classes")), "
                + "\(tested) test items in \(folds.count) fold\(folds.count == 1 ? "" : "s")"
        ]
        var bootstrap = Bootstrap(resamples: resamples, level: level, seed: seed)
        for (index, metric) in metrics.values.map(\.object).enumerated() {
            let name = metric.declaration.name
            let value = Self.mean(folds.map { $0.scores[index] })
            results.append(("\(name)/value", value))
            bootstrap.isSerial = metric is any ScriptBound
            var line = "  \(name)  \(decimal(value, 4))"
            let interval = bootstrap.interval(folds.map(\.groups)) { items in
                let scores = zip(folds, items).map { try? metric.score($0.predictions.items($1)) }
                return scores.contains { $0 == nil } ? nil : Self.mean(scores.compactMap { $0 })
            }
            if let interval {
                results += [("\(name)/low", interval.low), ("\(name)/high", interval.high)]
                line += "  (\(decimal(interval.low, 4)) to \(decimal(interval.high, 4)))"
            }
            table.append(line)
            if folds.count > 1 {
                results += folds.map { ("folds/\($0.name)/\(name)", $0.scores[index]) }
            }
        }
        for fold in folds {
            for (name, value) in fold.choices { results.append(("chosen/\(fold.name)/\(name)", value)) }
        }
        return EvaluationReport(results: results + [("items", Double(tested))], table: table)
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
