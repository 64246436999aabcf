import KitCore

extension Tensor {
    /// Overwrites the elements, in place and without a record. Ops that use the tensor afterwards see the new values;
    /// gradients of ops that used it before may be wrong, as for any change of a weight between forward and backward.
    ///
    /// In a repeated forward pass nothing changes: it happened the first time.
    ///
    /// - Parameter values: of this shape, or of one that broadcasts to it.
    public func assign(_ values: Tensor) throws {
        guard !needsGrad || requiresGrad else {
            throw KitError.usage(
                "assign: the tensor was computed, with a gradient; only those with values of their own change")
        }
        guard !Autograd.isRepeating else { return }
        let source = try Autograd.noGrad { try values.detached().broadcast(to: shape) }
        // If they share memory, the values must not change while they are read.
        let copy = source.storage === storage ? source.copied() : source
        let (from, to) = (copy.pointer, pointer)
        // They would be those from before.
        narrowMemory = nil
        to.update(from: from, count: count)
        withExtendedLifetime(copy) {}
    }

    /// The same values, whose gradient passes through `body` in backward.
    public func watched(_ body: @escaping (Tensor) throws -> Tensor) -> Tensor {
        view(shape).recorded("watched", [self], form: .elementwise { $1 }) { [try body($0)] }
    }
}
