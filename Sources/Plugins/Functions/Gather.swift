import Kit

/// `kit.gather(embeddings)`: the rows of all shards of a batch, for a loss that a recipe computes in its step.
struct Gather: Function, CalledWithArguments {
    static let name = "gather"
    static let summary =
        "In the step of a training over several shards or processes, the rows of all shards, [batch, ...], from those of one, "
        + "[rows, ...]; gradients flow back to all of them. Anywhere else it returns the tensor itself."
    static let reference =
        "The gathering of embeddings in SimCLR on several devices (Chen et al. 2020, section 2.2), with the gradient of every row."
    static let returns: any OptionConvertible.Type = Tensor.self
    static var arguments: [String] { ["x"] }

    @Param("The rows of this shard.", positional: true) var x: Tensor

    func construct() throws -> Any { try Shard.current?.gather(x) ?? x }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Gather.self) }
