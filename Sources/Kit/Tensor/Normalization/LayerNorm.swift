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
    public func layerNorm(_ weight: Tensor? = nil, _ bias: Tensor? = nil, epsilon: Float = 1e-5) throws -> Tensor {
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
        let result = Tensor(uninitialized: shape)
        let (means, scales) = (Tensor(uninitialized: [rows.count]), Tensor(uninitialized: [rows.count]))
        let (x, w, b, y) = (pointer, scale.pointer, shift.pointer, result.pointer)
        let (mean, inverse) = (means.pointer, scales.pointer)
        rows.forEach {
            let (row, start) = ($0.lowerBound, $0.lowerBound * rows.columns)
            dk_active.pointee.layer_norm(
                x + start, w, b, y + start, mean + row, inverse + row, epsilon, $0.count, rows.columns)
        }
        withExtendedLifetime(shift) {}
        let saved = detached()
        let given = [weight, bias].compactMap { $0 }
        return result.recorded("layer_norm", [self] + given, form: .layerNorm(scale, shift, epsilon: epsilon)) {
            gradient in
            let result = Tensor(uninitialized: saved.shape)
            let weightParts = Tensor(uninitialized: [rows.tiles, rows.columns])
            let biasParts = Tensor(uninitialized: [rows.tiles, rows.columns])
            let (x, w, g, dx) = (saved.pointer, scale.pointer, gradient.pointer, result.pointer)
            let (mean, inverse) = (means.pointer, scales.pointer)
            let (dw, db) = (weightParts.pointer, biasParts.pointer)
            rows.forEach {
                let (row, start) = ($0.lowerBound, $0.lowerBound * rows.columns)
                let part = row / rows.grain * rows.columns
                dk_active.pointee.layer_norm_gradient(
                    x + start, w, mean + row, inverse + row, g + start, dx + start, dw + part, db + part, $0.count,
                    rows.columns)
            }
            return [result] + (weight == nil ? [] : [weightParts.summed(to: [rows.columns])])
                + (bias == nil ? [] : [biasParts.summed(to: [rows.columns])])
        }
    }
}
