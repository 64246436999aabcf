import Kit

/// A parameter with its settings in an optimizer.
struct TrainedTensor {
    let name: String
    let tensor: Tensor
    /// Its weight decay.
    let decay: Float
    /// Whether it is a bias, or the scale or shift of a norm, which are usually neither decayed nor adapted.
    let isBiasOrNorm: Bool

    init(_ parameter: (name: String, tensor: Tensor), decay: Double, decayAll: Bool) {
        (name, tensor) = parameter
        isBiasOrNorm = tensor.shape.rank <= 1
        self.decay = isBiasOrNorm && !decayAll ? 0 : Float(decay)
    }

    /// The update of this tensor in a step; nil if it has no gradient.
    func update(_ state: [Tensor]) -> WeightUpdate? {
        tensor.grad.map { WeightUpdate(tensor, $0, state: state, decay: decay) }
    }
}
