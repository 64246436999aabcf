import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(TranscriptionEvaluation.self) }

/// `kit.evaluate.transcription { ... }`: how well words or phones can be read from frozen frames.
final class TranscriptionEvaluation: Evaluation {
    static let name = "transcription"
    static let summary =
        "Trains a small head with CTC to read words, letters or phones from frozen frames of features, and reports the error "
        + "rate on test items, with a bootstrap interval that draws whole films."
    static let reference =
        "Yang et al. 2021 (SUPERB, arXiv 2105.01051), sections 2.2 and 3: frozen features with a linear or LSTM head, CTC; "
        + "Graves et al. 2006 for CTC."

    enum Head: String, CaseIterable, ChoiceOption { case linear, lstm }

    @Param("Features with frames, of kit.embed { frames = \"time\" }.") var features: FeatureSet
    @Param("The symbols of each item by the id of its row: { [\"a\"] = { \"the\", \"cat\" } }.")
    var transcripts: NamedOption<[String]>
    @Param("The ids of the items to train on.") var train: [String]
    @Param("The ids of the items that choose the epoch; none takes a fifth of the films of `train`.", from: .ours)
    var valid: [String] = []
    @Param("The ids of the items to measure on.") var test: [String]
    @Param("linear reads each frame alone; lstm has a layer that runs both ways in time below it.", from: .ours)
    var head: Head = .linear
    @Param("Width of each direction of the LSTM.", in: 1...65536, from: .ours) var hidden: Int = 128
    @Param(
        "Outputs in time for each frame of features, for symbols that are shorter than a frame.", in: 1...64,
        from: .ours)
    var expand: Int = 1
    @Param("Passes over the training items, at most.", in: 1...1_000_000, from: .ours) var epochs: Int = 60
    @Param(
        "Epochs without a better error rate or loss of the validation items after which training ends.",
        in: 1...1_000_000,
        from: .ours)
    var patience: Int = 10
    @Param("Items in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 16
    @Param("Learning rate of AdamW, constant.", in: 1e-8...10, from: .ours) var learningRate: Double = 2e-3
    @Param("The error rate: kit.metric.word_error_rate or phone_error_rate; nil takes the first.", from: .ours)
    var metric: ObjectOption<any SequenceMetric>? = nil
    @Param("Number of draws for the interval; 0 gives none.", in: 0...1_000_000, from: .ours) var resamples: Int = 1000
    @Param("The share of the draws within the interval.", in: 0.01...0.9999, from: .ours) var level: Double = 0.95
    @Param("Number of test items whose recognised and spoken symbols are shown.", in: 0...1000, from: .ours)
    var examples: Int = 3
    @Param("Seed of the head, of the order of items and of the draws.", from: .ours) var seed: Int = 0

    init() {}

    func validate() throws {
        guard features.frames != nil else {
            throw KitError.usage(
                "option 'features': '\(features.view)' has one vector for each row: embed with frames = \"time\"")
        }
        let known = Set(transcripts.entries.map(\.name))
        var parts: [String: String] = [:]
        for (name, ids) in [("train", train), ("valid", valid), ("test", test)] {
            guard !ids.isEmpty || name == "valid" else { throw KitError.usage("option '\(name)' is empty") }
            for id in ids {
                guard known.contains(id) else {
                    throw KitError.usage(
                        "option '\(name)': '\(id)' has no transcript\(NearestName.hint(id, in: known.sortedByBytes().prefix(10_000)))"
                    )
                }
                if let other = parts.updateValue(name, forKey: id) {
                    throw KitError.usage("'\(id)' is in '\(other)' and in '\(name)': an item is in one of them")
                }
            }
        }
    }

    func evaluate() throws -> EvaluationReport {
        let symbols = Dictionary(
            transcripts.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let films = Dictionary(zip(features.ids, features.films), uniquingKeysWith: { first, _ in first })
        func items(_ ids: [String]) throws -> [TranscriptionHead.Item] {
            try zip(ids, features.frames(of: ids)).map { id, frames in
                TranscriptionHead.Item(id: id, film: films[id] ?? id, frames: frames, symbols: symbols[id] ?? [])
            }
        }
        var (learned, chosen) = (try items(train), try items(valid))
        if chosen.isEmpty { (learned, chosen) = try Self.apart(learned, seed: seed) }
        let tested = try items(test)
        let measure = metric?.object ?? WordErrorRate()
        let head = try TranscriptionHead(self, learned)
        let epochs = try head.train(on: learned, choosing: chosen) { recognised in
            try measure.rate(recognised.map { $0.optionValue }, chosen.map { $0.symbols.optionValue })
        }
        let recognised = try head.recognised(tested)
        let errors = try zip(recognised, tested).map { read, item in
            SequenceErrors(
                try measure.units(of: read.optionValue), try measure.units(of: item.symbols.optionValue))
        }
        return try report(errors, tested, recognised, measure, head, epochs)
    }

    private func report(
        _ errors: [SequenceErrors], _ tested: [TranscriptionHead.Item], _ recognised: [[String]],
        _ measure: any SequenceMetric, _ head: TranscriptionHead, _ epochs: Int
    ) throws -> EvaluationReport {
        let name = measure.declaration.name
        guard let value = SequenceErrors.rate(errors) else {
            throw KitError(.badData, "nothing is spoken in the test items, so \(name) is not defined")
        }
        var results: [(name: String, value: Double)] = [("\(name)/value", value)]
        var table = [
            "\(self.head.rawValue) head with CTC on \(features.view), \(counted(head.vocabulary.count, "symbol")), "
                + "\(counted(tested.count, "test item")), \(counted(epochs, "epoch"))"
        ]
        var line = "  \(name)  \(decimal(value, 4))"
        let groups = Dictionary(grouping: tested.indices, by: { tested[$0].film }).sortedByBytes(of: \.key)
        let interval = Bootstrap(resamples: resamples, level: level, seed: seed).interval(groups.map(\.value)) {
            items in
            SequenceErrors.rate(items.map { errors[$0] })
        }
        if let interval {
            results += [("\(name)/low", interval.low), ("\(name)/high", interval.high)]
            line += "  (\(decimal(interval.low, 4)) to \(decimal(interval.high, 4)))"
        }
        table.append(line)
        for (item, read) in zip(tested, recognised).prefix(examples) {
            table += [
                "  \(item.id): \(item.symbols.joined(separator: " "))", "  read as: \(read.joined(separator: " "))",
            ]
        }
        results += [
            ("items", Double(tested.count)), ("epochs", Double(epochs)), ("symbols", Double(head.vocabulary.count)),
        ]
        return EvaluationReport(results: results, table: table)
    }

    /// A fifth of the films apart, to choose by.
    private static func apart(
        _ items: [TranscriptionHead.Item], seed: Int
    ) throws -> ([TranscriptionHead.Item], [TranscriptionHead.Item]) {
        let films = Set(items.map(\.film)).sortedByBytes()
        guard films.count > 1 else {
            throw KitError(
                .badData, "all training items are of the film '\(films[0])': give 'valid' items to choose by")
        }
        var random = RandomStream(seed: seed).derived("transcription validation")
        let chosen = Set(random.permutation(films.count).prefix(max(1, films.count / 5)).map { films[$0] })
        return (items.filter { !chosen.contains($0.film) }, items.filter { chosen.contains($0.film) })
    }
}
