import KitTensor

extension Module {
    /// What `body` makes of [batch, ...], for networks with large activations. In evaluation without gradients, where samples
    /// know nothing of one another, it gets one at a time: the memory is that of one, and the features of a clip do not
    /// depend on the batch that it is in.
    public final func bySample(_ input: Tensor, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
        guard !Autograd.isRecording, input.shape[0] > 1, namedModules("").allSatisfy({ !$0.module.isTraining }) else {
            return try body(input)
        }
        return try Tensor.concat(
            (0..<input.shape[0]).map { sample in try body(input.slice(axis: 0, sample..<sample + 1)) })
    }
}
