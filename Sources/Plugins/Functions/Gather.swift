import Kit

/// `kit.gather(embeddings)`: the rows of all shards of a batch, for a loss that a recipe computes in its step.
struct Gather: Function, CalledWithArguments {
    static let name = "gather"
    static let summary =
        "In a step over several shards or processes, gathers the rows of all shards, [batch, ...], given those of one "
        + "shard, [rows, ...]; gradients flow back to all shards. Anywhere else it returns the tensor itself."
    static let reference =
        "SimCLR's gathering of embeddings from several devices (Chen et al. 2020, section 2.2), with all rows' gradients."
    static let returns: any OptionConvertible.Type = Tensor.self
    static var arguments: [String] { ["x"] }

    @Param("The rows of this shard.", positional: true) var x: Tensor

    func construct() throws -> Any { try Shard.current?.gather(x) ?? x }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Gather.self) }
