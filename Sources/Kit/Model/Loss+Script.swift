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

    /// A loss of the whole batch, also where each shard of it is worked on by itself.
    ///
    /// - Parameters:
    ///   - views: [rows, features] each, of the calling shard if there are shards.
    ///   - labels: a text for each row, or none.
    ///   - body: the loss of the same tensors with the rows of all shards.
    public func overBatch(
        _ views: [Tensor], labels: [String] = [], _ body: ([Tensor], _ labels: [String]) throws -> Tensor
    ) throws -> Tensor {
        guard let shard = Shard.current else { return try body(views, labels) }
        return try shard.loss(declaration.name, views, notes: labels, body)
    }
}
