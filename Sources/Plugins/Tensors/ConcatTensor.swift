import Kit

/// Joins tensors along an existing axis.
struct ConcatTensor: TensorMaker {
    static let name = "concat"
    static let summary = "Joins tensors along an axis; all other extents must agree."
    static let reference = "numpy.concatenate."

    @Param("The tensors, in order.", positional: true) var tensors: [Tensor]
    @Param("The axis, counted from 1; negative ones from the end.", from: .ours) var axis: Int = 1

    func make() throws -> Tensor {
        let rank = tensors.first?.shape.rank ?? 0
        return try .concat(tensors, axis: Tensor.plainAxis(axis, of: rank, Self.name))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ConcatTensor.self) }
