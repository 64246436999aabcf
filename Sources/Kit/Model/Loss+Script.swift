import KitCore
import KitTensor

/// How a recipe sees any loss: an object to call with two tensors.
extension Loss {
    public static var scriptTypeName: String { "loss" }
    public static var scriptSummary: String { "A training objective; call it with two batches of embeddings." }
    public var scriptDescription: String { settings }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any Loss).self, "The loss of two batches of embeddings, a scalar.",
                ScriptParameter("a", Tensor.self), ScriptParameter("b", Tensor.self), returns: Tensor.self
            ) { loss, a, b in try loss(a, b) }
        ]
    }
}
