import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CTC.self) }

/// The mean over rows of -ln p(symbols | scores) / max(1, number of symbols).
final class CTC: LabelLoss {
    static let name = "ctc"
    static let summary =
        "Connectionist temporal classification: scores [batch, time, classes] with a list of symbols for each row, without "
        + "times: loss(scores, { { 2, 5, 5 }, { 3 } }, frames). Symbols are classes, counted from 1, except the blank; "
        + "frames are the rows' lengths, all of `time` by default. kit.ctc_decode reads the symbols from the scores."
    static let reference =
        "Graves et al. 2006 (Connectionist temporal classification), equations 14 to 16; PyTorch's CTCLoss of log_softmax"

    /// What to do with rows whose loss is not defined or says nothing.
    enum Impossible: String, CaseIterable, ChoiceOption { case error, zero }
    enum Empty: String, CaseIterable, ChoiceOption { case error, allow }

    @Param(
        "The class of the blank, counted from 1; PyTorch's default, 0, is the first too.", in: 1...16_777_216,
        from: .inferred)
    var blank: Int = 1
    @Param(
        "Rows with fewer frames than their symbols need: an error, or zero, which gives them no loss and no gradient (PyTorch's zero_infinity).",
        from: .ours)
    var impossible: Impossible = .error
    @Param(
        "Rows without symbols: an error, or allow, which trains all their frames to give blanks.", from: .ours)
    var empty: Empty = .error

    init() {}

    /// The symbols of a row, from 0, and the number of its frames.
    struct Label: Codable, Equatable {
        let symbols: [Int]
        let frames: Int
    }

    func callAsFunction(_ scores: Tensor, _ labels: [Label]) throws -> Tensor {
        try checkScores(scores, labels: labels.count, axes: ["batch", "time", "classes"])
        let values = try scores.ctc(labels.map(\.symbols), frames: labels.map(\.frames), blank: blank - 1)
        let shares = labels.map { 1 / (Float(max(1, $0.symbols.count)) * Float(labels.count)) }
        return try (values * Tensor(shares, [labels.count])).sum()
    }

    func labels(_ given: OptionValue, of scores: Tensor) throws -> [Label] {
        try labels(given, of: scores, frames: nil)
    }

    private func labels(_ given: OptionValue, of scores: Tensor, frames: [Int]?) throws -> [Label] {
        guard case .list(let rows) = given else {
            throw KitError.usage(
                "\(Self.name): labels must be a list with a list of symbols for each row, but are \(given.givenText)")
        }
        try checkScores(scores, labels: rows.count, axes: ["batch", "time", "classes"])
        let (time, classes) = (scores.shape[1], scores.shape[2])
        guard blank <= classes else {
            throw KitError.usage(
                "\(Self.name): option 'blank' is \(blank), but the scores have \(counted(classes, "class", "classes"))")
        }
        if let frames {
            guard frames.count == rows.count else {
                throw KitError.usage(
                    "\(Self.name): expected \(counted(rows.count, "number")) of frames, one for each row, given \(frames.count)"
                )
            }
            if let row = frames.firstIndex(where: { !(0...time ~= $0) }) {
                throw KitError.usage(
                    "\(Self.name): row \(row + 1) must have 0 to \(time) frames, but is given \(frames[row])")
            }
        }
        return try rows.enumerated().map { row, value in
            guard case .list(let values) = value else {
                throw KitError.usage(
                    "\(Self.name): the label of row \(row + 1) must be a list of symbols, but is \(value.givenText)")
            }
            let symbols = try values.map { value in
                let symbol = try label(value, row: row, classes: classes)
                guard symbol != blank - 1 else {
                    throw KitError.usage(
                        "\(Self.name): the label of row \(row + 1) contains \(blank), which is the blank: "
                            + "symbols are the other classes")
                }
                return symbol
            }
            guard !symbols.isEmpty || empty == .allow else {
                throw KitError.usage(
                    "\(Self.name): row \(row + 1) has an empty transcript: leave it out, or set empty = \"allow\" to "
                        + "train its frames to give blanks")
            }
            let (count, needed) = (frames?[row] ?? time, Tensor.ctcFrames(of: symbols))
            guard count >= needed || impossible == .zero else {
                let repeats = needed - symbols.count
                throw KitError.usage(
                    "\(Self.name): row \(row + 1) has \(counted(symbols.count, "symbol"))"
                        + (repeats > 0 ? " with \(counted(repeats, "repeat"))" : "")
                        + ", which need \(needed) frames, but has \(count): give it more frames, or set "
                        + "impossible = \"zero\" to ignore such rows")
            }
            return Label(symbols: symbols, frames: count)
        }
    }

    static func example(rows: Int, _ random: inout RandomStream) -> (scores: Tensor, labels: [Label]) {
        let labels = (0..<rows).map { row in
            Label(symbols: (0...row % 3).map { _ in 1 + random.index(below: 3) }, frames: 7 - row % 2)
        }
        return (.uniform([rows, 7, 4], -2, 2, &random), labels)
    }

    static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: CTC.self,
                "The loss of scores [batch, time, classes] with a list of symbols for each row, and optionally the number of frames of each row.",
                ScriptArgument("scores", Tensor.self), ScriptArgument("labels", OptionValue.self),
                ScriptArgument("frames", [Int]?.self), returns: Tensor.self
            ) { loss, scores, labels, frames in
                let labels = try loss.labels(labels, of: scores, frames: frames)
                return try loss.overBatch(asLongAsOtherShards(scores), labels)
            }
        ]
    }

    /// The scores with as many frames as the longest shard of the batch has. The further frames are no row's own.
    private static func asLongAsOtherShards(_ scores: Tensor) throws -> Tensor {
        guard let shard = Shard.current else { return scores }
        let missing = try shard.largest(scores.shape[1]) - scores.shape[1]
        return missing == 0 ? scores : try scores.padded(axis: 1, before: 0, after: missing)
    }
}
