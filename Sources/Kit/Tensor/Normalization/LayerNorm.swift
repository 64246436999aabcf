import CKernels
import KitCore

extension Tensor {
    /// (x - mean) / sqrt(variance + epsilon) * weight + bias, with mean and (uncorrected) variance along the last axis
    /// (Ba et al. 2016, "Layer normalization").
    ///
    /// - Parameters:
    ///   - weight: [channels], or nil for 1.
    ///   - bias: [channels], or nil for 0.
    ///   - epsilon: added to the variance.
    ///   - feedsProducts: whether the result goes only to products, directly or through ops that keep its type. If so, the
    ///     precision bfloat16 also stores it as bfloat16.
    public func layerNorm(
        _ weight: Tensor? = nil, _ bias: Tensor? = nil, epsilon: Float = 1e-5, feedsProducts: Bool = false
    ) throws -> Tensor {
        guard shape.rank >= 1, shape[-1] > 0 else {
            throw KitError.usage("layer_norm: needs channels on the last axis, but the shape is \(shape)")
        }
        for (name, tensor) in [("weight", weight), ("bias", bias)] {
            if let tensor, tensor.shape != [shape[-1]] {
                throw KitError.usage("layer_norm: \(name) must be of shape [\(shape[-1])], but is \(tensor.shape)")
            }
        }
        let rows = Rows(shape)
        let scale = (weight ?? .ones([rows.columns])).detached()
        let shift = (bias ?? .zeros([rows.columns])).detached()
        let result = Tensor(
            uninitialized: shape, narrow: feedsProducts && ProductPrecision.current == .bfloat16)
        let (means, scales) = (Tensor(uninitialized: [rows.count]), Tensor(uninitialized: [rows.count]))
        let (w, b, mean, inverse) = (scale.pointer, shift.pointer, means.pointer, scales.pointer)
        rows.forEachOnFloats([self], into: result) { range, x, y in
            let row = range.lowerBound
            dk_active.pointee.layer_norm(
                x[0], w, b, y, mean + row, inverse + row, epsilon, range.count, rows.columns)
        }
        withExtendedLifetime(shift) {}
        let saved = detached()
        let given = [weight, bias].compactMap { $0 }
        return result.recorded("layer_norm", [self] + given, form: .layerNorm(scale, shift, epsilon: epsilon)) {
            gradient in
            let result = Tensor(uninitialized: saved.shape, narrow: saved.isNarrow)
            let weightParts = Tensor.zeros([rows.tiles, rows.columns])
            let biasParts = Tensor.zeros([rows.tiles, rows.columns])
            let (w, mean, inverse) = (scale.pointer, means.pointer, scales.pointer)
            let (dw, db) = (weightParts.pointer, biasParts.pointer)
            rows.forEachOnFloats([saved, gradient], into: result) { range, operands, dx in
                let row = range.lowerBound
                let part = row / rows.grain * rows.columns
                dk_active.pointee.layer_norm_gradient(
                    operands[0], w, mean + row, inverse + row, operands[1], dx, dw + part, db + part, range.count,
                    rows.columns)
            }
            return [result] + (weight == nil ? [] : [weightParts.summed(to: [rows.columns])])
                + (bias == nil ? [] : [biasParts.summed(to: [rows.columns])])
        }
    }
}
