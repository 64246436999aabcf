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
                [ScriptParameter("a", "tensor"), ScriptParameter("b", "tensor")], returns: "tensor"
            ) { loss, arguments in .object(try loss(arguments.object(0), arguments.object(1))) }
        ]
    }
}
