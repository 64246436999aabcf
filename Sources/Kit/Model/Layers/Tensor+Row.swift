import KitCore
import KitTensor

extension Tensor {
    /// Applies `body` to a sequence [batch, time, channels] as an image of one row, [batch, 1, time, channels].
    ///
    /// - Parameter name: the layer, for the message if the tensor is not a sequence.
    func asRow(_ name: String, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
        guard shape.rank == 3 else {
            throw KitError.usage("\(name): expected a sequence [batch, time, channels], given \(shape)")
        }
        return try body(unsqueezed(axis: 1)).squeezed(axis: 1)
    }
}
