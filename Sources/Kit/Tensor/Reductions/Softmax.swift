import CKernels
import KitCore

/// Softmax, its logarithm and the logarithm of its denominator. The largest element is subtracted first, so no input
/// overflows, and sums are at least 1, so they do not underflow.
extension Tensor {
    /// e^x / sum e^x along one axis.
    public func softmax(axis: Int = -1) throws -> Tensor {
        try alongLast(axis, "softmax") { x in
            let result = x.mappedRows(dk_active.pointee.softmax)
            let saved = result.detached()
            return result.recorded("softmax", [x], form: .alongLast("Softmax")) {
                [saved.combinedRows(dk_active.pointee.softmax_gradient, withGradient: $0)]
            }
        }
    }

    /// x - ln sum e^x along one axis.
    public func logSoftmax(axis: Int = -1) throws -> Tensor {
        try alongLast(axis, "log_softmax") { x in
            let result = x.mappedRows(dk_active.pointee.log_softmax)
            let saved = result.detached()
            return result.recorded("log_softmax", [x], form: .alongLast("LogSoftmax")) {
                [saved.combinedRows(dk_active.pointee.log_softmax_gradient, withGradient: $0)]
            }
        }
    }

    /// ln sum e^x along one axis, which stays with extent 1 if `keepDims`. If all elements are -infinity, so is the
    /// result.
    public func logSumExp(axis: Int = -1, keepDims: Bool = false) throws -> Tensor {
        let result = try alongLast(axis, "logsumexp") { x in
            let rows = Rows(x.shape)
            let result = Tensor(uninitialized: Shape(x.shape.extents.dropLast() + [1]))
            let (source, sums) = (x.pointer, result.pointer)
            rows.forEach {
                dk_active.pointee.log_sum_exp(
                    source + $0.lowerBound * rows.columns, sums + $0.lowerBound, $0.count, rows.columns)
            }
            let (saved, savedSums) = (x.detached(), result.detached())
            return result.recorded(
                "logsumexp", [x],
                form: .reduction("ReduceLogSumExp", (0..<x.shape.rank).map { $0 == x.shape.rank - 1 }, keepDims: true)
            ) { gradient in
                let result = Tensor(uninitialized: saved.shape)
                let (x, y, g, dx) = (saved.pointer, savedSums.pointer, gradient.pointer, result.pointer)
                rows.forEach {
                    let (row, start) = ($0.lowerBound, $0.lowerBound * rows.columns)
                    dk_active.pointee.log_sum_exp_gradient(
                        x + start, y + row, g + row, dx + start, $0.count, rows.columns)
                }
                return [result]
            }
        }
        return keepDims ? result : try result.squeezed(axis: axis)
    }

    /// If the axis is not the last one, moves it there and back.
    private func alongLast(_ axis: Int, _ operation: String, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
        let axis = try shape.axis(axis, of: operation)
        guard shape[axis] > 0 else {
            throw KitError.usage("\(operation): \(Shape.ordinal(axis)) of shape \(shape) is empty")
        }
        guard axis != shape.rank - 1 else { return try body(self) }
        return try body(transposed(axis, -1)).transposed(axis, -1)
    }

    /// f(x, y) on all rows, without recording.
    private func mappedRows(
        _ kernel: @convention(c) (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Int) -> Void
    ) -> Tensor {
        let (rows, result) = (Rows(shape), Tensor(uninitialized: shape))
        let (x, y) = (pointer, result.pointer)
        rows.forEach {
            let start = $0.lowerBound * rows.columns
            kernel(x + start, y + start, $0.count, rows.columns)
        }
        return result
    }

    /// For backward: f(saved, gradient) on all rows, in the gradient's memory if it may be overwritten.
    private func combinedRows(
        _ kernel:
            @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Int) -> Void,
        withGradient gradient: Tensor
    ) -> Tensor {
        let (rows, result) = (Rows(shape), gradient.overwrittenOrNew())
        let (y, g, dx) = (pointer, gradient.pointer, result.pointer)
        rows.forEach {
            let start = $0.lowerBound * rows.columns
            kernel(y + start, g + start, dx + start, $0.count, rows.columns)
        }
        return result
    }
}
