import Kit

/// A tensor of ones.
struct OnesTensor: TensorMaker {
    static let name = "ones"
    static let summary = "A tensor of ones."
    static let reference = "numpy.ones."

    @Param("The extents, outermost first.", positional: true) var shape: [Int]

    func make() throws -> Tensor { .ones(try Shape(checking: shape, Self.name)) }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(OnesTensor.self) }
