import Kit

/// A plugin that makes a tensor: `kit.tensor.<name> { ... }`.
protocol TensorMaker: Plugin {
    func make() throws -> Tensor
}

extension TensorMaker {
    static var kind: String { "tensor" }
    static var returns: any OptionConvertible.Type { Tensor.self }
    func construct() throws -> Any { try ThreadPool.abandonable { try make() } }
}

extension RandomStream {
    /// The stream of a seed given in a recipe.
    init(seed: Int, for name: String) { self = RandomStream(seed: seed).derived(name) }
}
