import Kit

/// A head that reads symbols from frames, trained with CTC.
final class TranscriptionHead {
    struct Item {
        let id: String
        let film: String
        /// [frames, features].
        let frames: Tensor
        let symbols: [String]
    }

    /// The symbols of the training items; class 0 is the blank, class n + 1 is symbol n.
    let vocabulary: [String]
    private let settings: TranscriptionEvaluation
    private let scale: FeatureScale
    private let network: SequenceReader
    private let places: [String: Int]

    /// Throws if an item has no symbols, or too few frames for them.
    init(_ settings: TranscriptionEvaluation, _ items: [Item]) throws {
        self.settings = settings
        if let empty = items.first(where: { $0.symbols.isEmpty }) {
            throw KitError.usage("'\(empty.id)' has an empty transcript: leave it out of 'train'")
        }
        vocabulary = Set(items.flatMap(\.symbols)).sortedByBytes()
        places = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0 + 1) })
        scale = FeatureScale(of: try Tensor.concat(items.map(\.frames)))
        let (features, classes) = (items[0].frames.shape[1], vocabulary.count + 1)
        var random = RandomStream(seed: settings.seed).derived("transcription head")
        network = SequenceReader(
            features, classes * settings.expand, hidden: settings.head == .lstm ? settings.hidden : nil, &random)
        for item in items {
            let (needed, has) = (Tensor.ctcFrames(of: encoded(item)), item.frames.shape[0] * settings.expand)
            guard needed <= has else {
                throw KitError.usage(
                    "'\(item.id)' has \(counted(item.symbols.count, "symbol")), which need \(needed) frames, but its "
                        + "features give \(has): embed an earlier layer, which has more, or set 'expand' to "
                        + "\((needed + item.frames.shape[0] - 1) / item.frames.shape[0]) or more")
            }
        }
    }

    private func encoded(_ item: Item) -> [Int] { item.symbols.compactMap { places[$0] } }

    /// Trains until neither the error rate nor the loss of the items to choose by falls, and keeps the weights with the
    /// lowest error rate; of equal ones, those with the lowest loss. The loss falls long before a head with CTC, which
    /// begins with blanks, reads its first symbol.
    ///
    /// - Parameters:
    ///   - items: the training items.
    ///   - chosen: the items to choose by.
    ///   - rate: the error rate of what is recognised in them.
    /// - Returns: the number of epochs.
    func train(on items: [Item], choosing chosen: [Item], _ rate: ([[String]]) throws -> Double) throws -> Int {
        let adam = AdamW()
        let stepper = try adam.stepper(for: network.namedParameters())
        var order = RandomStream(seed: settings.seed).derived("transcription order")
        var (best, kept) = (
            (rate: Double.infinity, loss: Double.infinity), network.stateEntries().map { $0.tensor.copied() }
        )
        var (lowest, waited) = (Double.infinity, 0)
        network.train(true)
        for epoch in 1...settings.epochs {
            let places = order.permutation(items.count)
            for start in stride(from: 0, to: places.count, by: settings.batch) {
                try Interrupt.check()
                let part = places[start..<min(start + settings.batch, places.count)].map { items[$0] }
                network.clearGradients()
                try loss(part).backward()
                try stepper.step(rate: settings.learningRate)
            }
            let now = (rate: try rate(recognised(chosen)), loss: try measuredLoss(chosen))
            waited += 1
            if now.loss < lowest { (lowest, waited) = (now.loss, 0) }
            if now < best {
                (best, waited) = (now, 0)
                kept = network.stateEntries().map { $0.tensor.copied() }
            }
            if waited >= settings.patience || epoch == settings.epochs {
                for (entry, values) in zip(network.stateEntries(), kept) {
                    entry.tensor.pointer.update(from: values.pointer, count: values.count)
                }
                return epoch
            }
        }
        return settings.epochs
    }

    /// The mean over items of the loss of each symbol. Symbols that were not trained are left out.
    private func loss(_ items: [Item]) throws -> Tensor {
        let (scores, frames) = try self.scores(items)
        let shares = items.map { 1 / Float(max(1, $0.symbols.count) * items.count) }
        return try (scores.ctc(items.map(encoded), frames: frames, blank: 0) * Tensor(shares, [items.count])).sum()
    }

    private func measuredLoss(_ items: [Item]) throws -> Double {
        try Autograd.noGrad {
            try stride(from: 0, to: items.count, by: settings.batch).reduce(0) { sum, start in
                let part = Array(items[start..<min(start + settings.batch, items.count)])
                return sum + Double(try loss(part).item()) * Double(part.count) / Double(items.count)
            }
        }
    }

    /// The symbols that are read from items.
    func recognised(_ items: [Item]) throws -> [[String]] {
        try Autograd.noGrad {
            try stride(from: 0, to: items.count, by: settings.batch).flatMap { start in
                let (scores, frames) = try scores(Array(items[start..<min(start + settings.batch, items.count)]))
                return try scores.ctcGreedy(frames: frames, blank: 0).map { $0.map { vocabulary[$0 - 1] } }
            }
        }
    }

    /// [items, time, classes], and the number of frames of each item.
    private func scores(_ items: [Item]) throws -> (Tensor, frames: [Int]) {
        let (longest, width) = (items.map { $0.frames.shape[0] }.max()!, items[0].frames.shape[1])
        let padded = Tensor.zeros([items.count, longest, width])
        try MemoryShortage.check()
        for (row, item) in items.enumerated() {
            let values = scale.applied(to: item.frames)
            let target = padded.pointer + row * longest * width
            for (index, value) in values.enumerated() { target[index] = Float(value) }
        }
        let scores = try network.read(padded, lengths: items.map { $0.frames.shape[0] })
        let classes = vocabulary.count + 1
        return (
            try scores.reshaped([items.count, longest * settings.expand, classes]),
            items.map { $0.frames.shape[0] * settings.expand }
        )
    }
}

/// A linear layer over each frame, or over the outputs of an LSTM that reads both ways in time.
private final class SequenceReader: Module {
    private let forwards: LSTM?
    private let backwards: LSTM?
    private let linear: Linear

    init(_ features: Int, _ outputs: Int, hidden: Int?, _ random: inout RandomStream) {
        forwards = hidden.map { LSTM(features, hidden: $0, &random) }
        backwards = hidden.map { LSTM(features, hidden: $0, &random) }
        linear = Linear(hidden.map { 2 * $0 } ?? features, outputs, &random)
        super.init()
        if let forwards { register("forwards", forwards) }
        if let backwards { register("backwards", backwards) }
        register("linear", linear)
    }

    /// Reads padded frames [items, time, features]. The padding of an item, which is at its end, has no influence on its
    /// frames in either direction.
    func read(_ frames: Tensor, lengths: [Int]) throws -> Tensor {
        guard let forwards, let backwards else { return try linear(frames) }
        let (items, time) = (frames.shape[0], frames.shape[1])
        let order = lengths.enumerated().flatMap { item, length in
            (0..<time).map { item * time + ($0 < length ? length - 1 - $0 : $0) }
        }
        func turned(_ x: Tensor) throws -> Tensor {
            try x.reshaped([items * time, x.shape[2]]).gatherRows(order).reshaped(x.shape)
        }
        return try linear(Tensor.concat([forwards(frames), turned(backwards(turned(frames)))], axis: 2))
    }

    override var summary: String { "reader of sequences" }
}
