import KitTensor

extension Module {
    /// Applies `body` to [batch, ...], for networks with large activations. In evaluation without gradients, samples
    /// are independent, so `body` gets them one at a time. It then needs the memory of one sample, and the features of
    /// a clip do not depend on its batch.
    public final func bySample(_ input: Tensor, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
        guard !Autograd.isRecording, input.shape[0] > 1, GraphTape.active == nil,
            namedModules("").allSatisfy({ !$0.module.isTraining })
        else {
            return try body(input)
        }
        return try Tensor.concat(
            (0..<input.shape[0]).map { sample in try body(input.slice(axis: 0, sample..<sample + 1)) })
    }
}
