import Kit

/// A loss written in Lua. Its gradient follows from its tensor operations.
final class DefinedLoss: Loss, DefinedPlugin {
    static let functions = [
        (
            name: "forward",
            help: """
            Called as forward(a, b, options) with two tensors [batch, features], two views of the same clips in the \
            same order; returns a scalar tensor to minimise, through which gradients flow. With `parts`, called as \
            forward(a, b, options, state), whose fields are the parts.
            """
        )
    ]

    static func fields() -> [(name: String, param: any AnyOption)] {
        [
            (
                "no_gradient",
                Param(
                    [String](),
                    "The inputs that no gradient reaches, a or b, as the target of BYOL; the checks then expect none.",
                    nil, .ours, choices: ["a", "b"])
            ),
            DefinedParts.field(),
        ]
    }

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin {
        if case .object? = definition.fields["parts"] { return DefinedStatefulLoss(definition) }
        return DefinedLoss(definition)
    }

    var inputsWithoutGradient: [String] { definition.inputsWithoutGradient }

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        return try definition.tensor(definition.call(.object(a), .object(b)), [], "a scalar tensor")
    }
}

/// A loss written in Lua with parts: parameters, buffers or modules of its own.
final class DefinedStatefulLoss: StatefulLoss, DefinedPlugin {
    static var functions: [(name: String, help: String)] { DefinedLoss.functions }

    let definition: Definition
    private var made: Module?

    fileprivate init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedStatefulLoss(definition) }

    var inputsWithoutGradient: [String] { definition.inputsWithoutGradient }

    /// If the parts cannot be made, it is empty, and the loss throws the error.
    var state: Module { (try? makeState()) ?? LossState(definition.declaration.name) }

    func construct() throws -> Any {
        _ = try makeState()
        return self
    }

    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        let result = try definition.call([.object(a), .object(b)], then: [.object(makeState())])
        return try definition.tensor(result, [], "a scalar tensor")
    }

    private func makeState() throws -> Module {
        if let made { return made }
        let parts = try WeightSeed.withNextStream { try DefinedParts(definition, $0) }
        let state = LossState(definition.declaration.name)
        parts.register(in: state)
        made = state
        return state
    }
}

extension Definition {
    fileprivate var inputsWithoutGradient: [String] {
        fields["no_gradient"].flatMap { try? [String](option: $0) } ?? []
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DefinePlugin<DefinedLoss>.self) }
