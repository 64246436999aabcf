import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SupCon.self) }

/// The mean over anchors i of -1/|P(i)| sum over p in P(i) of ln(exp(sim(i, p) / T) / sum over k != i of exp(sim(i, k) / T)),
/// with the cosine similarity; P(i) are the other views of the same clip, and those of all clips with its label.
///
/// With two views and no labels it is `nt_xent`. Memory grows with the square of views x batch.
final class SupCon: Loss {
    static let name = "supcon"
    static let summary =
        "Supervised contrastive loss, with several positives: called with two or more views [batch, features], such as the "
        + "original and all dubs, and optionally a list of labels, which makes all clips of one label positives."
    static let reference = "Khosla et al. 2020 (Supervised contrastive learning), L_out of equation 2"

    @Param("Divides the cosine similarities.", in: 1e-3...100, from: .inferred)
    var temperature: Double = 0.1

    init() {}

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor { try callAsFunction([a, b]) }

    /// - Parameters:
    ///   - views: [batch, features] each, at least two, their rows in the same order.
    ///   - labels: the class of each row; nil if every row is its own class.
    func callAsFunction(_ views: [Tensor], labels: [Int]? = nil) throws -> Tensor {
        for view in views.dropFirst() { try checkViews(views[0], view, least: 2) }
        let batch = views[0].shape[0]
        if let labels, labels.count != batch {
            throw KitError.usage(
                "\(Self.name): expected a label for each of the \(batch) clips of the batch, given \(labels.count)")
        }
        let z = try Tensor.concat(views.map { try $0.l2Normalized() })
        let similarities = try z.matmul(z, transposeB: true) * Float(1 / temperature)
        let logarithms = try (similarities + .diagonal(z.shape[0], Tensor.hidden)).logSoftmax()
        return try -(logarithms * Self.weights(labels ?? Array(0..<batch), views: views.count)).sum()
    }

    /// [rows, rows]: for each positive of an anchor, its share of the mean.
    private static func weights(_ labels: [Int], views: Int) -> Tensor {
        let (batch, rows) = (labels.count, labels.count * views)
        let sizes = Dictionary(labels.map { ($0, views) }, uniquingKeysWith: +)
        let weights = Tensor.zeros([rows, rows])
        for anchor in 0..<rows {
            let label = labels[anchor % batch]
            let share = 1 / Float((sizes[label]! - 1) * rows)
            for other in 0..<rows where other != anchor && labels[other % batch] == label {
                weights.pointer[anchor * rows + other] = share
            }
        }
        return weights
    }

    static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: SupCon.self, "The loss of two or more views; labels may follow as a list.",
                ScriptArgument("a", Tensor.self), ScriptArgument("b", Tensor.self),
                ScriptArgument(rest: "more", Either<Tensor, [OptionValue]>.self), returns: Tensor.self
            ) { loss, a, b, more in
                var (views, labels): ([Tensor], [String]?) = ([a, b], nil)
                for (place, argument) in more.enumerated() {
                    switch argument {
                    case .first(let view): views.append(view)
                    case .second(let list) where place == more.count - 1: labels = try texts(list)
                    case .second: throw KitError.usage("\(name): the list of labels must be the last argument")
                    }
                }
                if let labels, labels.count != a.shape.extents.first {
                    throw KitError.usage(
                        "\(name): expected a label for each of the \(a.shape.extents.first ?? 0) clips of the batch, given \(labels.count)"
                    )
                }
                return try loss.overBatch(views, labels: labels ?? []) { views, labels in
                    try loss(views, labels: labels.isEmpty ? nil : classes(labels))
                }
            }
        ]
    }

    /// Maps equal labels to equal numbers.
    private static func texts(_ labels: [OptionValue]) throws -> [String] {
        try labels.map { label in
            switch label {
            case .string, .int, .number, .bool: label.optionText
            default:
                throw KitError.usage("\(name): a label must be a string, number or boolean, but is \(label.givenText)")
            }
        }
    }

    /// Equal labels as equal numbers.
    private static func classes(_ labels: [String]) -> [Int] {
        var numbers: [String: Int] = [:]
        return labels.map { label in
            let number = numbers[label] ?? numbers.count
            numbers[label] = number
            return number
        }
    }
}
