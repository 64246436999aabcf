import Kit

/// Joins tensors along a new axis.
struct StackTensor: TensorMaker {
    static let name = "stack"
    static let summary = "Joins tensors of one shape along a new axis."
    static let reference = "numpy.stack."

    @Param("The tensors, in order.", positional: true) var tensors: [Tensor]
    @Param("The position of the new axis, counted from 1; negative ones from the end.", from: .ours) var axis: Int = 1

    func make() throws -> Tensor {
        let rank = (tensors.first?.shape.rank ?? 0) + 1
        return try .stack(tensors, axis: Tensor.plainAxis(axis, of: rank, Self.name))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(StackTensor.self) }
