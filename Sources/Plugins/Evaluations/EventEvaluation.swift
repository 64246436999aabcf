import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(EventEvaluation.self) }

/// `kit.evaluate.events { ... }`: how well a small model on frozen features detects the times of sound events.
final class EventEvaluation: Evaluation {
    static let name = "events"
    static let summary =
        "Trains a probe on features of timestamps in every fold of a dataset whose labels have times, converts its "
        + "scores to events, and reports the mean over the folds of each measure, with a bootstrap interval over recordings."
    static let reference =
        "Turian et al. 2022 (HEAR, arXiv 2203.03022) and its heareval 2021.1.3: a median and a shortest length, chosen on the "
        + "validation items; Mesaros et al. 2016 (Metrics for polyphonic sound event detection) as sed_eval counts."

    @Param("The labelled dataset: kit.dataset.hear of an event task.") var data: LabelledDataset
    @Param("Features of its timestamps: kit.embed { rows = \"timestamp\" }; several are concatenated.")
    var features: OneOrMore<FeatureSet>
    @Param("The probe to train on them; HEAR uses kit.probe.mlp {}.") var probe: ObjectOption<any Probe>
    @Param(
        "The measures; the first also chooses on the validation items, unless the task chooses by the loss. Nil takes the task's own.",
        from: .inferred)
    var measures: OneOrMore<EventMeasure>? = nil
    @Param(
        "Number of draws of recordings for the interval of each result; 0 gives none.", in: 0...1_000_000, from: .ours)
    var resamples: Int = 1000
    @Param("The share of the draws within the interval.", in: 0.01...0.9999, from: .ours) var level: Double = 0.95
    @Param("Seed of the probe, of the choice of validation items and of the draws.", from: .ours)
    var seed: Int = 0

    init() {}

    func validate() throws {
        guard data.eventTask != nil else {
            throw KitError.usage(
                "option 'data': the labels of \(data.name) have no times: use kit.evaluate.probe")
        }
        let encoders = Set(features.values.map(\.encoder)).sortedByBytes()
        guard encoders.count == 1 else {
            throw KitError.usage(
                "option 'features' mixes the features of different encoders: \(encoders.joined(separator: "; "))")
        }
    }

    func evaluate() throws -> EvaluationReport {
        guard let task = data.eventTask else { throw KitError(.internalFault, "a dataset without times") }
        let measures = try measures?.values ?? task.measures.map { try EventMeasure(option: .string($0)) }
        let frames = try EventFrames(features.values, data, task)
        let folds = try data.folds.map { fold in
            try Interrupt.check()
            do {
                return try outcome(fold, frames, data, task, measures)
            } catch let error as KitError {
                throw error.prefixed("\(data.name), fold '\(fold.name)'")
            }
        }
        return try report(folds, measures, data)
    }

    /// The results of a probe in one fold.
    private struct Outcome {
        let name: String
        /// For each measure, the counts of each test recording.
        let counts: [[EventMeasure.Counts]]
        let choices: [(name: String, value: Double)]
    }

    private func outcome(
        _ given: Fold, _ frames: EventFrames, _ data: LabelledDataset, _ task: EventTask, _ measures: [EventMeasure]
    ) throws -> Outcome {
        let fold = try given.withValidation(data.items, seed: seed)
        func counts(
            _ scores: Tensor, _ items: [Int], _ filter: EventFilter, _ boundary: Double, _ measure: EventMeasure
        )
            throws -> [EventMeasure.Counts]
        {
            zip(items, try frames.events(scores, of: items, filter, above: boundary)).map {
                measure.counts(task.events[data.items[$0].id] ?? [], $1)
            }
        }
        /// The filter that is best on the validation items, and its score.
        func best(_ scores: Tensor, _ boundary: Double) throws -> (filter: EventFilter, value: Double) {
            let tried = try task.filters.map { filter in
                let value = measures[0].value(try counts(scores, fold.valid, filter, boundary, measures[0])) ?? 0
                return (filter: filter, value: measures[0].isError ? -value : value)
            }
            return tried.dropFirst().reduce(tried[0]) { $1.value > $0.value ? $1 : $0 }
        }
        let valid = try frames.part(fold.valid)
        let fitted = try probe.object.fit(
            ProbeTask(train: frames.part(fold.train), valid: valid, seed: seed) { scores, boundary in
                task.choosesByLoss
                    ? -EventFrames.crossEntropy(scores, valid.labels, boundary) : try best(scores, boundary).value
            })
        let filter = try best(fitted.scores(valid.features), fitted.boundary).filter
        let scores = try fitted.scores(frames.part(fold.test).features)
        return Outcome(
            name: fold.name,
            counts: try measures.map { try counts(scores, fold.test, filter, fitted.boundary, $0) },
            choices: fitted.choices + [("median", filter.median), ("least", filter.least)])
    }

    private func report(
        _ folds: [Outcome], _ measures: [EventMeasure], _ data: LabelledDataset
    ) throws -> EvaluationReport {
        let tested = folds.reduce(0) { $0 + $1.counts[0].count }
        var results: [(name: String, value: Double)] = []
        var table = [
            "\(data.name): \(probe.object.declaration.name) probe on \(features.values.map(\.view).joined(separator: " + ")), "
                + "\(counted(data.labels.classes.count, "class", "classes")), \(counted(tested, "test recording")) in \(folds.count) fold"
                + (folds.count == 1 ? "" : "s")
        ]
        let bootstrap = Bootstrap(resamples: resamples, level: level, seed: seed)
        for (index, measure) in measures.enumerated() {
            func mean(_ items: [[Int]]) -> Double? {
                let values = zip(folds, items).map { fold, items in
                    measure.value(items.map { fold.counts[index][$0] })
                }
                return values.contains { $0 == nil } ? nil : values.reduce(0) { $0 + $1! } / Double(values.count)
            }
            guard let value = mean(folds.map { Array($0.counts[index].indices) }) else {
                throw KitError(.badData, "\(data.name): a fold's test recordings have no events: nothing can be found")
            }
            results.append(("\(measure.rawValue)/value", value))
            var line = "  \(measure.rawValue)  \(decimal(value, 4))"
            if let interval = bootstrap.interval(folds.map { $0.counts[index].indices.map { [$0] } }, mean) {
                results += [
                    ("\(measure.rawValue)/low", interval.low), ("\(measure.rawValue)/high", interval.high),
                ]
                line += "  (\(decimal(interval.low, 4)) to \(decimal(interval.high, 4)))"
            }
            table.append(line)
        }
        for fold in folds {
            for (name, value) in fold.choices { results.append(("chosen/\(fold.name)/\(name)", value)) }
        }
        return EvaluationReport(results: results + [("items", Double(tested))], table: table)
    }
}
