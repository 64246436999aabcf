import KitCore
import KitTensor

/// Losses in recipes: objects to call with two tensors.
extension Loss {
    public static var scriptSummary: String { "A training objective; call it with two batches of embeddings." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any Loss).self, "The loss of two batches of embeddings, a scalar.",
                ScriptArgument("a", Tensor.self), ScriptArgument("b", Tensor.self), returns: Tensor.self
            ) { loss, a, b in try loss.overBatch([a, b]) { views, _ in try loss(views[0], views[1]) } }
        ]
    }
}
