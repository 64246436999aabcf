import Foundation
import KitCore
import KitTensor

/// A training objective of scores with labels: logits of a network in, one scalar out.
///
/// In recipes it is called as `loss(scores, labels)`. If a batch is cut into shards, the loss is that of the whole
/// batch.
public protocol LabelLoss: TrainingObjective {
    /// The label of a row. It is sent to other processes as JSON.
    associatedtype Label: Codable

    /// The loss of the rows.
    ///
    /// - Parameters:
    ///   - scores: logits, [batch, ...].
    ///   - labels: one for each row.
    /// - Returns: a scalar to minimise.
    func callAsFunction(_ scores: Tensor, _ labels: [Label]) throws -> Tensor

    /// The labels that a recipe gives with these scores, in the form that the loss takes. Throws an error that names the
    /// first row whose label does not fit.
    func labels(_ given: OptionValue, of scores: Tensor) throws -> [Label]

    /// Scores and labels that fit the loss, for the conformance checks.
    static func example(rows: Int, _ random: inout RandomStream) -> (scores: Tensor, labels: [Label])
}

extension LabelLoss {
    /// Checks scores [batch, classes], or with `axes` before the classes. Every loss with labels should call it first.
    ///
    /// Throws a `KitError` of kind `.usage` that names the loss and the shape, unless there is a row for each label and at
    /// least one class.
    ///
    /// - Parameters:
    ///   - scores: the logits.
    ///   - labels: the number of labels.
    ///   - axes: the names of the axes.
    public func checkScores(_ scores: Tensor, labels: Int, axes: [String] = ["batch", "classes"]) throws {
        let name = declaration.name
        guard scores.shape.rank == axes.count else {
            throw KitError.usage(
                "\(name): expected scores [\(axes.joined(separator: ", "))], given \(scores.shape)")
        }
        guard scores.shape[0] > 0 else {
            throw KitError.usage("\(name): there are no rows: scores are \(scores.shape)")
        }
        guard scores.shape[-1] > 0 else {
            throw KitError.usage(
                "\(name): the scores have no classes: \(scores.shape.described(by: axes)); "
                    + "give the head one output for each class")
        }
        guard scores.shape[0] == labels else {
            throw KitError.usage(
                "\(name): expected \(counted(scores.shape[0], "label")), one for each row of scores, given \(labels)")
        }
    }

    /// Checks numbers that an option gives for each class.
    public func checkClasses(_ values: [Double]?, of scores: Tensor, option: String) throws {
        guard let values, values.count != scores.shape[-1] else { return }
        throw KitError.usage(
            "\(declaration.name): option '\(option)' has \(counted(values.count, "number")), but the scores have "
                + counted(scores.shape[-1], "class", "classes"))
    }

    /// A class of a recipe's labels, counted from 1, as one counted from 0.
    public func label(_ given: OptionValue, row: Int, classes: Int) throws -> Int {
        guard let label = try? Int(option: given), 1...max(1, classes) ~= label else {
            throw KitError.usage(
                "\(declaration.name): the label of row \(row + 1) must be a class from 1 to \(classes), "
                    + "but is \(given.givenText)")
        }
        return label - 1
    }

    /// The rows of a list of labels, one for each row of the scores.
    public func labelRows(_ given: OptionValue, of scores: Tensor) throws -> [OptionValue] {
        var rows: [OptionValue] = []
        switch given {
        case .list(let list): rows = list
        // A tensor of other extents may be larger than what fits into a list.
        case .object(let tensor as Tensor)
        where tensor.shape.rank == 1 && tensor.shape[0] == scores.shape.extents.first:
            rows = tensor.values.map { .number(Double($0)) }
        default:
            throw KitError.usage(
                "\(declaration.name): labels must be a list with one for each row, or a tensor, but are "
                    + given.givenText)
        }
        try checkScores(scores, labels: rows.count)
        return rows
    }

    /// The values of a tensor of targets, a row for each row of the scores; nil if the labels are not one.
    public func targetRows(_ given: OptionValue, of scores: Tensor) throws -> [[Float]]? {
        guard case .object(let tensor as Tensor) = given, tensor.shape.rank == 2 else { return nil }
        try checkScores(scores, labels: tensor.shape[0])
        guard tensor.shape == scores.shape else {
            throw KitError.usage(
                "\(declaration.name): targets must have the shape of the scores, \(scores.shape), "
                    + "but have \(tensor.shape)")
        }
        let (values, width) = (tensor.values, tensor.shape[1])
        try MemoryShortage.check()
        return (0..<tensor.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    /// The loss for labels in a recipe's form, over the whole batch.
    package func overBatch(_ scores: Tensor, _ given: OptionValue) throws -> Tensor {
        try overBatch(scores, labels(given, of: scores))
    }

    /// The loss over the whole batch, even if the batch is cut into shards.
    package func overBatch(_ scores: Tensor, _ labels: [Label]) throws -> Tensor {
        guard Shard.current != nil else { return try self(scores, labels) }
        let texts = try labels.map { String(decoding: try JSONText.compact($0), as: UTF8.self) }
        guard texts.count == scores.shape.extents.first else { return try self(scores, labels) }
        return try overBatch([scores], labels: texts) { views, texts in
            try self(views[0], texts.map { try JSONDecoder().decode(Label.self, from: Data($0.utf8)) })
        }
    }

    public static var scriptSummary: String { "A training objective; call it with scores and labels." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any LabelLoss).self,
                "The loss of scores [batch, classes] with a label for each row, a scalar. Classes count from 1.",
                ScriptArgument("scores", Tensor.self), ScriptArgument("labels", OptionValue.self),
                returns: Tensor.self
            ) { loss, scores, labels in try loss.overBatch(scores, labels) }
        ]
    }
}
