import Kit

/// A parameter with its settings in an optimizer.
struct TrainedTensor {
    let name: String
    let tensor: Tensor
    /// Its weight decay.
    let decay: Float
    /// Whether it is a bias, the scale or shift of a norm, a class token or positions, which are usually neither decayed
    /// nor adapted.
    let isExempt: Bool

    /// The last part of the names of class tokens and absolute positions in transformers.
    private static let exemptNames = ["cls_token", "distillation_token", "position_embeddings"]

    init(_ parameter: (name: String, tensor: Tensor), decay: Double, decayAll: Bool) {
        (name, tensor) = parameter
        isExempt =
            tensor.shape.rank <= 1 || Self.exemptNames.contains(String(name.split(separator: ".").last ?? ""))
        self.decay = isExempt && !decayAll ? 0 : Float(decay)
    }

    /// The update of this tensor in a step; nil if it has no gradient.
    func update(_ state: [Tensor]) -> WeightUpdate? {
        tensor.grad.map { WeightUpdate(tensor, $0, state: state, decay: decay) }
    }
}
