import KitCore
import KitTensor

/// What training minimises: a plugin of kind `loss`. A `Loss` compares two batches of embeddings, a `LabelLoss` scores
/// with labels.
public protocol TrainingObjective: Plugin, ScriptObject {}

extension TrainingObjective {
    public static var kind: String { "loss" }
    public static var scriptTypeName: String { "loss" }
    public var scriptDescription: String { settings }

    /// Computes a loss over the whole batch, even if the batch is cut into shards.
    ///
    /// - Parameters:
    ///   - views: [rows, ...] each; the rows of the calling shard if there are shards.
    ///   - labels: a text for each row, or none.
    ///   - body: computes the loss from the same tensors and labels with the rows of all shards.
    /// - Returns: a scalar.
    public func overBatch(
        _ views: [Tensor], labels: [String] = [], _ body: ([Tensor], _ labels: [String]) throws -> Tensor
    ) throws -> Tensor {
        guard let shard = Shard.current else { return try body(views, labels) }
        return try shard.loss(declaration.name, views, notes: labels, body)
    }
}
