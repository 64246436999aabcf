import CKernels
import KitCore

extension Tensor {
    /// x / max(|x|, epsilon) along the last axis, |x| being the Euclidean norm: unit vectors.
    ///
    /// - Parameter epsilon: the smallest divisor, so that a zero vector stays zero (PyTorch's default). Below it, the
    ///   gradient is that of x / epsilon.
    public func l2Normalized(epsilon: Float = 1e-12) throws -> Tensor {
        guard shape.rank >= 1 else { throw KitError.usage("normalize: needs at least one axis, but the shape is []") }
        guard epsilon > 0 else { throw KitError.usage("normalize: epsilon must be positive, but is \(epsilon)") }
        let rows = Rows(shape)
        let (result, norms) = (Tensor(uninitialized: shape), Tensor(uninitialized: [rows.count]))
        let (x, y, norm) = (pointer, result.pointer, norms.pointer)
        rows.forEach {
            let (row, start) = ($0.lowerBound, $0.lowerBound * rows.columns)
            dk_active.pointee.l2_normalize(x + start, y + start, norm + row, epsilon, $0.count, rows.columns)
        }
        let saved = result.detached()
        return result.recorded("normalize", [self], form: .normalize(epsilon: epsilon)) { gradient in
            let result = gradient.overwrittenOrNew()
            let (y, norm, g, dx) = (saved.pointer, norms.pointer, gradient.pointer, result.pointer)
            rows.forEach {
                let (row, start) = ($0.lowerBound, $0.lowerBound * rows.columns)
                dk_active.pointee.l2_normalize_gradient(
                    y + start, norm + row, g + start, dx + start, epsilon, $0.count, rows.columns)
            }
            return [result]
        }
    }
}
