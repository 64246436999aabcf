import KitTensor

extension Module {
    /// Applies `body` to [batch, ...], for networks with large activations. In evaluation without gradients, samples
    /// are independent, so `body` gets a few at a time: as many as fill `bytesTogether`, or one if it is larger. It
    /// then needs the memory of those, and the features of a clip depend on its batch only by rounding.
    public final func inSmallBatches(_ input: Tensor, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
        let count = input.shape[0]
        let together = max(1, bytesTogether * count / max(1, 4 * input.count))
        guard !Autograd.isRecording, count > together, GraphTape.active == nil,
            namedModules("").allSatisfy({ !$0.module.isTraining })
        else {
            return try body(input)
        }
        return try Tensor.concat(
            stride(from: 0, to: count, by: together).map { first in
                try body(input.slice(axis: 0, first..<min(count, first + together)))
            })
    }
}

/// The size of the inputs that are computed together. Activations are ten to thirty times larger: at this size they
/// stay in the caches of a server, while the products of eight spectrograms are large enough for several threads.
private let bytesTogether = 1 << 20
