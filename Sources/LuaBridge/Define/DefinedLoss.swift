import Kit

/// A loss written in Lua. Its gradient follows from its tensor operations.
final class DefinedLoss: Loss, DefinedPlugin {
    static let functions = [
        (
            name: "forward",
            help: """
            Called as forward(a, b, options) with two tensors [batch, features], two views of the same clips in the \
            same order; returns a scalar tensor to minimise, through which gradients flow.
            """
        )
    ]

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedLoss(definition) }

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        return try definition.tensor(definition.call(.object(a), .object(b)), [], "a scalar tensor")
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DefinePlugin<DefinedLoss>.self) }
