import KitCore
import KitTensor

/// Losses in recipes: objects to call with two tensors.
extension Loss {
    public static var scriptTypeName: String { "loss" }
    public static var scriptSummary: String { "A training objective; call it with two batches of embeddings." }
    public var scriptDescription: String { settings }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any Loss).self, "The loss of two batches of embeddings, a scalar.",
                ScriptArgument("a", Tensor.self), ScriptArgument("b", Tensor.self), returns: Tensor.self
            ) { loss, a, b in try loss.overBatch([a, b]) { views, _ in try loss(views[0], views[1]) } }
        ]
    }

    /// Computes a loss over the whole batch, even if the batch is cut into shards.
    ///
    /// - Parameters:
    ///   - views: [rows, features] each; the rows of the calling shard if there are shards.
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
