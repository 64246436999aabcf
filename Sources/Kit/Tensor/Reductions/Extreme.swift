import CKernels
import KitCore

/// The largest or smallest element over axes.
extension Tensor {
    /// The largest element over the given axes (all of them by default); NaN if one is. Of several equal ones, the first
    /// gets the gradient.
    public func max(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
        try extreme("max", axes, keepDims, dk_active.pointee.largest, dk_active.pointee.column_largest)
    }

    /// The smallest element over the given axes (all of them by default); NaN if one is. Of several equal ones, the first
    /// gets the gradient.
    public func min(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
        try extreme("min", axes, keepDims, dk_active.pointee.smallest, dk_active.pointee.column_smallest)
    }

    private typealias RowKernel = @convention(c) (UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>) -> Void
    private typealias ColumnKernel =
        @convention(c) (
            UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>
        ) -> Void

    private func extreme(
        _ name: String, _ axes: [Int]?, _ keepDims: Bool, _ row: RowKernel, _ column: ColumnKernel
    ) throws -> Tensor {
        let isReduced = try reducedAxes(axes, name)
        guard !zip(shape.extents, isReduced).contains(where: { $0 == 0 && $1 }) else {
            throw KitError.usage("\(name): nothing to reduce in a tensor of shape \(shape)")
        }
        let kept = Shape(zip(shape.extents, isReduced).map { $1 ? 1 : $0 })
        guard count > 0 else { return Tensor(uninitialized: keepDims ? kept : dropping(isReduced)) }
        var groups = Reduction.groups(shape, isReduced)
        var result = self
        // One recorded pass for each group, innermost first.
        while let last = groups.lastIndex(where: \.isReduced) {
            let outer = groups[..<last].reduce(1) { $0 * $1.extent }
            let inner = groups[(last + 1)...].reduce(1) { $0 * $1.extent }
            result = try result.reshaped([outer, groups[last].extent, inner]).middleExtreme(name, row, column)
            groups.remove(at: last)
        }
        return try result.reshaped(keepDims ? kept : dropping(isReduced))
    }

    /// [outer, count, inner] to [outer, inner].
    private func middleExtreme(_ name: String, _ row: RowKernel, _ column: ColumnKernel) throws -> Tensor {
        let (outer, count, inner) = (shape[0], shape[1], shape[2])
        let result = Tensor(uninitialized: [outer, inner])
        let (x, y) = (pointer, result.pointer)
        let grain = Swift.max(1, Elementwise.grain / Swift.max(1, count * inner))
        ThreadPool.shared.forEachRange(outer, grain: grain) {
            for index in $0 {
                if inner == 1 {
                    row(x + index * count, count, y + index)
                } else {
                    column(x + index * count * inner, inner, count, inner, y + index * inner)
                }
            }
        }
        let saved = result.detached()
        return result.recorded(
            name, [self],
            form: .reduction(name == "max" ? "ReduceMax" : "ReduceMin", [false, true, false], keepDims: false)
        ) { [self] gradient in
            let result = Tensor.zeros(shape)
            let (x, y, g, dx) = (pointer, saved.pointer, gradient.pointer, result.pointer)
            ThreadPool.shared.forEachRange(outer, grain: grain) {
                for index in $0 {
                    for column in 0..<inner {
                        let (from, to) = (index * count * inner + column, index * inner + column)
                        let first = (0..<count).first { x[from + $0 * inner] == y[to] || x[from + $0 * inner].isNaN }
                        if let first { dx[from + first * inner] = g[to] }
                    }
                }
            }
            return [result]
        }
    }
}
