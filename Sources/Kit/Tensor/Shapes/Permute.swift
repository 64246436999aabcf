import CKernels
import KitCore

extension Tensor {
    /// A copy with the axes in another order: `order[i]` is the axis that becomes axis i.
    public func permuted(_ order: [Int]) throws -> Tensor {
        let axes = try order.map { try shape.axis($0, of: "permute") }
        guard axes.sorted() == Array(0..<shape.rank) else {
            throw KitError.usage("permute: \(order) does not name each of the \(shape.rank) axes of \(shape) once")
        }
        guard axes != Array(0..<shape.rank) else { return self }
        var inverse = axes
        for (place, axis) in axes.enumerated() { inverse[axis] = place }
        let result = Tensor(uninitialized: Shape(axes.map { shape[$0] }))
        Permutation(shape, axes).run(self, into: result)
        return result.recorded("permute", [self], form: .permute(axes)) { [try $0.permuted(inverse)] }
    }

    /// Swaps two axes: of a matrix, the transpose.
    public func transposed(_ first: Int = -2, _ second: Int = -1) throws -> Tensor {
        let (a, b) = (try shape.axis(first, of: "transpose"), try shape.axis(second, of: "transpose"))
        var order = Array(0..<shape.rank)
        order.swapAt(a, b)
        return try permuted(order)
    }
}

/// A copy with another order of axes. Axes that stay neighbours are merged. The rest is copied in runs of whole inner
/// axes, or as transposed planes.
private struct Permutation {
    /// Axes of the result, outermost first, at least two: extent, and step in the source.
    private var axes: [(extent: Int, step: Int)] = []

    init(_ shape: Shape, _ order: [Int]) {
        let strides = shape.strides
        for axis in order where shape[axis] != 1 {
            if let last = axes.last, last.step == strides[axis] * shape[axis] {
                axes[axes.count - 1] = (last.extent * shape[axis], strides[axis])
            } else {
                axes.append((shape[axis], strides[axis]))
            }
        }
        while axes.count < 2 { axes.insert((1, 0), at: 0) }
    }

    func run(_ source: Tensor, into result: Tensor) {
        guard result.count > 0 else { return }
        let (x, y) = (source.pointer, result.pointer)
        let last = axes[axes.count - 1]
        if last.step == 1 {
            let outer = Array(axes.dropLast())
            let runs = result.count / last.extent
            ThreadPool.shared.forEachRange(runs, grain: Elementwise.grain / last.extent) {
                for run in $0 {
                    (y + run * last.extent).update(from: x + Self.place(run, outer), count: last.extent)
                }
            }
            return
        }
        // If the source has another fastest axis, planes of the two axes are transposed.
        let fast = axes.firstIndex { $0.step == 1 } ?? 0
        let rest = axes.indices.filter { $0 != fast && $0 != axes.count - 1 }
        let resultSteps = Shape(axes.map(\.extent)).strides
        let planes = rest.map { axes[$0] }
        let planeResults = rest.map { (extent: axes[$0].extent, step: resultSteps[$0]) }
        let (rows, columns) = (axes[fast], last)
        let rowTile = max(16, Elementwise.grain / columns.extent / 16 * 16)
        let tiles = (rows.extent + rowTile - 1) / rowTile
        ThreadPool.shared.forEach(result.count / (rows.extent * columns.extent) * tiles) { tile in
            let (plane, row) = (tile / tiles, tile % tiles * rowTile)
            dk_active.pointee.transpose(
                x + Self.place(plane, planes) + row * rows.step, columns.step,
                y + Self.place(plane, planeResults) + row * resultSteps[fast], resultSteps[fast],
                min(rowTile, rows.extent - row), columns.extent)
        }
    }

    /// The offset of element `index`, counted over these axes.
    private static func place(_ index: Int, _ axes: [(extent: Int, step: Int)]) -> Int {
        var (rest, place) = (index, 0)
        for axis in axes.reversed() {
            place += rest % axis.extent * axis.step
            rest /= axis.extent
        }
        return place
    }
}
