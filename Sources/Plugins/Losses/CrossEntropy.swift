import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CrossEntropy.self) }

/// The mean over rows of -sum over classes of w_c t_c ln softmax(scores)_c, with targets t that are 1 at the row's class;
/// with class weights w, the mean is weighted by those of the rows' classes.
final class CrossEntropy: LabelLoss {
    static let name = "cross_entropy"
    static let summary =
        "Cross-entropy of the softmax of scores [batch, classes] with one class for each row, counted from 1: "
        + "loss(scores, batch.classes). Labels may also be shares of the classes, [batch, classes], as mixup makes them."
    static let reference =
        "PyTorch's CrossEntropyLoss; Szegedy et al. 2016 (Rethinking the Inception architecture), section 7, for label smoothing"

    @Param(
        "Share of each target that is spread evenly over all classes.", in: 0...1, from: .inferred)
    var labelSmoothing: Double = 0
    @Param("A factor for each class, such as the inverse of its frequency; nil counts all alike.", from: .inferred)
    var classWeights: [Double]? = nil

    init() {}

    func validate() throws { try Self.check(classWeights, option: "class_weights") }

    /// Throws unless all numbers are 0 or more and some are above.
    static func check(_ weights: [Double]?, option: String) throws {
        guard let weights else { return }
        if let bad = weights.first(where: { !($0 >= 0 && $0.isFinite) }) {
            throw KitError.usage("option '\(option)' must have numbers of 0 or more, but one is \(bad)")
        }
        guard weights.contains(where: { $0 > 0 }) else {
            throw KitError.usage("option '\(option)' must have a number above 0")
        }
    }

    /// The class of a row, from 0, or the share of each class.
    enum Label: Codable, Equatable {
        case one(Int)
        case shares([Float])
    }

    func callAsFunction(_ scores: Tensor, _ labels: [Label]) throws -> Tensor {
        try checkScores(scores, labels: labels.count)
        try checkClasses(classWeights, of: scores, option: "class_weights")
        let classes = scores.shape[1]
        let weights = classWeights ?? Array(repeating: 1, count: classes)
        let logarithms = try scores.logSoftmax()
        var total = 0.0
        var columns: [Int] = []
        for label in labels {
            guard case .one(let column) = label else { break }
            columns.append(column)
            total += weights[column]
        }
        // The mean over rows whose labels are shares is not weighted, as in PyTorch.
        if columns.count < labels.count { total = Double(labels.count) }
        guard total > 0 else {
            throw KitError.usage("\(Self.name): all rows have classes whose weight is 0 in option 'class_weights'")
        }
        if labelSmoothing == 0, columns.count == labels.count {
            // Other classes do not count, even if their logarithm is minus infinity.
            let factors = Tensor(columns.map { Float(weights[$0] / total) }, [columns.count])
            return try -(logarithms.picked(columns: columns) * factors).sum()
        }
        let factors = Tensor.zeros(scores.shape)
        guard !MemoryShortage.isPending else { return try logarithms.sum() }
        for (row, label) in labels.enumerated() {
            for column in 0..<classes {
                let even = labelSmoothing / Double(classes) * weights[column]
                let own: Double
                switch label {
                case .one(let target): own = column == target ? weights[column] : 0
                case .shares(let shares): own = Double(shares[column]) * weights[column]
                }
                factors.pointer[row * classes + column] = Float(((1 - labelSmoothing) * own + even) / total)
            }
        }
        return try -(logarithms * factors).sum()
    }

    func labels(_ given: OptionValue, of scores: Tensor) throws -> [Label] {
        if let rows = try targetRows(given, of: scores) {
            return try rows.enumerated().map { .shares(try shares($1, row: $0)) }
        }
        let rows = try labelRows(given, of: scores)
        let classes = scores.shape[1]
        let labels = try rows.enumerated().map { row, value -> Label in
            guard case .list(let values) = value else { return .one(try label(value, row: row, classes: classes)) }
            guard values.count == classes, let numbers = try? [Double](option: value) else {
                throw KitError.usage(
                    "\(Self.name): the label of row \(row + 1) must be a class from 1 to \(classes), or the share of "
                        + "each of them, but is a list of \(values.count)")
            }
            return .shares(try shares(numbers.map(Float.init), row: row))
        }
        let areShares = labels.map { if case .shares = $0 { true } else { false } }
        guard Set(areShares).count == 1 else {
            throw KitError.usage("\(Self.name): some labels are classes and others are shares: give one kind")
        }
        return labels
    }

    /// Throws unless the shares of a row are 0 or more and sum to 1.
    private func shares(_ shares: [Float], row: Int) throws -> [Float] {
        if let bad = shares.first(where: { !($0 >= 0 && $0.isFinite) }) {
            throw KitError.usage("\(Self.name): shares must be 0 or more, but row \(row + 1) has \(bad)")
        }
        let sum = shares.reduce(0, +)
        guard abs(sum - 1) < 1e-3 else {
            throw KitError.usage(
                "\(Self.name): the shares of row \(row + 1) must sum to 1, but sum to \(sum): "
                    + "for several classes in a row, use binary_cross_entropy")
        }
        return shares
    }

    static func example(rows: Int, _ random: inout RandomStream) -> (scores: Tensor, labels: [Label]) {
        (.uniform([rows, 4], -2, 2, &random), (0..<rows).map { _ in .one(random.index(below: 4)) })
    }
}
