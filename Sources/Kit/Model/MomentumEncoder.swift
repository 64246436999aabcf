import KitCore
import KitTensor

/// Support for momentum encoders: a second network of the same form that is not trained but follows the trained one (He
/// et al. 2020, MoCo; Grill et al. 2020, BYOL).
extension Module {
    /// Excludes all parameters from training: they get no gradients, and optimizers do not change them. Batch norms keep
    /// the mode of the module: in training they normalise by the batch and move their statistics, as a momentum encoder
    /// needs.
    public final func freeze() {
        for parameter in namedParameters() {
            parameter.tensor.requiresGrad = false
            parameter.tensor.grad = nil
        }
    }

    /// own = decay own + (1 - decay) other, for each parameter. Buffers, such as running statistics, change only in the
    /// module's own forward passes.
    ///
    /// Throws if a parameter of this module is trained, or if the two networks differ in form.
    ///
    /// - Parameters:
    ///   - other: the trained network.
    ///   - decay: in 0...1. 0 copies the other's values, 1 keeps this module's.
    public final func follow(_ other: Module, decay: Double) throws {
        guard (0...1).contains(decay) else {
            throw KitError.usage("follow: 'decay' must be in 0...1, but is \(decay)")
        }
        let own = namedParameters()
        let others = Dictionary(uniqueKeysWithValues: other.namedParameters().map { ($0.name, $0.tensor) })
        let values = try own.map { name, tensor in
            guard let value = others[name], value.shape == tensor.shape else {
                let there = others[name].map { "\($0.shape) there" } ?? "but not there"
                throw KitError.usage("follow: the networks differ: '\(name)' is \(tensor.shape) here, \(there)")
            }
            return value
        }
        guard own.count == others.count else {
            throw KitError.usage("follow: \(counted(own.count, "parameter")) here, \(others.count) there")
        }
        if let trained = own.first(where: \.tensor.requiresGrad) {
            throw KitError.usage("follow: '\(trained.name)' is trained by gradients: freeze() the module that follows")
        }
        // In a repeated forward pass (recomputation), the module was already updated the first time.
        guard !Autograd.isRepeating else { return }
        func move() { OptimizerUpdate.average(own.map(\.tensor), with: values, decay: Float(decay)) }
        guard let shard = Shard.current else { return move() }
        // All shards use the network before its update, and all use it after.
        try shard.once("follow", move)
    }
}
