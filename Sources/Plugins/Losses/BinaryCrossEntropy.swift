import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BinaryCrossEntropy.self) }

/// The mean over rows and classes of -w (p t ln σ(s) + (1 - t) ln(1 - σ(s))), with the sigmoid σ of the scores s, targets
/// t, weights w of classes and weights p of positives.
final class BinaryCrossEntropy: LabelLoss {
    static let name = "binary_cross_entropy"
    static let summary =
        "Cross-entropy of a sigmoid for each class, for items with several classes or none: scores [batch, classes] with a "
        + "list of 0 and 1 for each row, loss(scores, batch.classes), or a tensor of targets from 0 to 1."
    static let reference = "PyTorch's BCEWithLogitsLoss"

    @Param(
        "Factor of the loss of classes that an item has, above 1 for rare ones: one number, or one for each class.",
        from: .inferred)
    var positiveWeight: OneOrMore<Double> = OneOrMore([1])
    @Param("A factor for each class; nil counts all alike.", from: .inferred)
    var classWeights: [Double]? = nil

    init() {}

    func validate() throws {
        try CrossEntropy.check(positiveWeight.values, option: "positive_weight")
        try CrossEntropy.check(classWeights, option: "class_weights")
    }

    func callAsFunction(_ scores: Tensor, _ labels: [[Float]]) throws -> Tensor {
        try checkScores(scores, labels: labels.count)
        let classes = scores.shape[1]
        let positive =
            positiveWeight.values.count == 1
            ? Array(repeating: positiveWeight.values[0], count: classes) : positiveWeight.values
        try checkClasses(positive, of: scores, option: "positive_weight")
        try checkClasses(classWeights, of: scores, option: "class_weights")
        let (negatives, factors) = (Tensor.zeros(scores.shape), Tensor.zeros(scores.shape))
        guard !MemoryShortage.isPending else { return try scores.sum() }
        // w (1 - t) s + w (1 - t + p t) ln(1 + e^-s)
        for (row, targets) in labels.enumerated() {
            for column in 0..<classes {
                let weight = (classWeights?[column] ?? 1) / Double(scores.shape.count)
                let (target, place) = (Double(targets[column]), row * classes + column)
                negatives.pointer[place] = Float(weight * (1 - target))
                factors.pointer[place] = Float(weight * (1 - target + positive[column] * target))
            }
        }
        // The logarithm is that of e^0 + e^-s, which does not overflow.
        let logarithms = try Tensor.stack([-scores, Tensor.zeros(scores.shape)], axis: -1).logSumExp()
        return try (scores * negatives + logarithms * factors).sum()
    }

    func labels(_ given: OptionValue, of scores: Tensor) throws -> [[Float]] {
        let classes = scores.shape.extents.last ?? 0
        let rows =
            try targetRows(given, of: scores)
            ?? labelRows(given, of: scores).enumerated().map { row, value in
                let targets = try? [Double](option: value)
                guard let targets, targets.count == classes else {
                    throw KitError.usage(
                        "\(Self.name): the label of row \(row + 1) must be a list of \(classes) numbers from 0 to 1, one "
                            + "for each class, but is \(value.givenText)")
                }
                return targets.map(Float.init)
            }
        for (row, targets) in rows.enumerated() {
            if let bad = targets.first(where: { !(0...1 ~= $0) }) {
                throw KitError.usage("\(Self.name): targets must be 0 to 1, but row \(row + 1) has \(bad)")
            }
        }
        return rows
    }

    static func example(rows: Int, _ random: inout RandomStream) -> (scores: Tensor, labels: [[Float]]) {
        let labels = (0..<rows).map { _ in (0..<4).map { _ in Float(random.index(below: 2)) } }
        return (.uniform([rows, 4], -2, 2, &random), labels)
    }
}
