import KitCore

extension Tensor {
    /// The element of `a` where this tensor is not 0, else that of `b`, with broadcasting. No gradient flows into this
    /// tensor, and none to the element that was not chosen, whatever its value.
    public func choosing(_ a: Tensor, else b: Tensor) throws -> Tensor {
        let shape = try Broadcasting.shape("where", Broadcasting.shape("where", self.shape, a.shape), b.shape)
        let (mask, first, second) = try Autograd.noGrad {
            (
                try detached().broadcast(to: shape), try a.detached().broadcast(to: shape),
                try b.detached().broadcast(to: shape)
            )
        }
        let (before, other) = (a.shape, b.shape)
        let (needsFirst, needsSecond) = (a.needsGrad, b.needsGrad)
        return Self.chosen(mask, first, second).recorded("where", [a, b]) { gradient in
            let zeros = Tensor.zeros(shape)
            return [
                needsFirst ? Self.chosen(mask, gradient, zeros).summed(to: before) : nil,
                needsSecond ? Self.chosen(mask, zeros, gradient).summed(to: other) : nil,
            ]
        }
    }

    private static func chosen(_ mask: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
        let result = Tensor(uninitialized: mask.shape)
        let (m, x, y, z) = (mask.pointer, a.pointer, b.pointer, result.pointer)
        ThreadPool.shared.forEachRange(result.count, grain: Elementwise.grain) {
            for index in $0 { z[index] = m[index] != 0 ? x[index] : y[index] }
        }
        withExtendedLifetime((mask, a, b)) {}
        return result
    }
}
