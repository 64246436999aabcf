import Kit

/// A tensor of zeros.
struct ZerosTensor: TensorMaker {
    static let name = "zeros"
    static let summary = "A tensor of zeros."
    static let reference = "numpy.zeros."

    @Param("The extents, outermost first.", positional: true) var shape: [Int]

    func make() throws -> Tensor { .zeros(try Shape(checking: shape, Self.name)) }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ZerosTensor.self) }
