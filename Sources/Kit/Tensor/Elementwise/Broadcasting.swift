import CKernels
import KitCore

/// Two operands aligned by numpy's rule: shapes are compared from the last axis backwards, and missing axes and those
/// of extent 1 are repeated.
///
/// Neighbouring axes on which both operands behave alike are merged, so that nearly every case becomes one or two
/// loops: the same shape, a scalar, one value per channel, one gate per sample and channel.
struct Broadcasting {
    let shape: Shape
    /// Merged axes, outermost first, at least one. Steps are 0 where the operand repeats.
    private var axes: [(extent: Int, left: Int, right: Int)] = []

    /// Throws, naming the operation and both shapes, if they do not fit.
    init(_ operation: String, _ left: Shape, _ right: Shape) throws {
        shape = try Self.shape(operation, left, right)
        let (leftStrides, rightStrides) = (left.strides, right.strides)
        for axis in 0..<shape.rank where shape[axis] != 1 {
            let (i, j) = (axis - shape.rank + left.rank, axis - shape.rank + right.rank)
            let leftStep = i >= 0 && left[i] != 1 ? leftStrides[i] : 0
            let rightStep = j >= 0 && right[j] != 1 ? rightStrides[j] : 0
            let extent = shape[axis]
            if let last = axes.last, last.left == leftStep * extent, last.right == rightStep * extent {
                axes[axes.count - 1] = (last.extent * extent, leftStep, rightStep)
            } else {
                axes.append((extent, leftStep, rightStep))
            }
        }
        if axes.isEmpty { axes = [(1, 1, 1)] }
    }

    /// The shape of the result.
    static func shape(_ operation: String, _ left: Shape, _ right: Shape) throws -> Shape {
        var extents: [Int] = []
        let rank = max(left.rank, right.rank)
        for back in stride(from: rank, through: 1, by: -1) {
            let a = back <= left.rank ? left[left.rank - back] : 1
            let b = back <= right.rank ? right[right.rank - back] : 1
            guard a == b || a == 1 || b == 1 else {
                throw KitError.usage(
                    "\(operation): shapes \(left) and \(right) do not fit: \(Shape.ordinal(rank - back)) has \(a) and \(b) "
                        + "(they must be equal, or one of them 1)")
            }
            extents.append(a == 1 ? b : a)
        }
        return try Shape(checking: extents, operation)
    }

    /// Fills a new tensor of the result's shape.
    func run(_ kernel: Elementwise.Rows, _ left: Tensor, _ right: Tensor) -> Tensor {
        let result = Tensor(uninitialized: shape)
        run(kernel, left, right, into: result)
        return result
    }

    /// Fills `result`, which may be one of the operands if that has the result's shape.
    func run(_ kernel: Elementwise.Rows, _ left: Tensor, _ right: Tensor, into result: Tensor) {
        guard shape.count > 0 else { return }
        let (x, y, z) = (left.pointer, right.pointer, result.pointer)
        let columns = axes[axes.count - 1]
        let outer = axes.dropLast()
        let rows = outer.last ?? (1, 0, 0)
        let rowCount = shape.count / columns.extent
        let columnTile = min(columns.extent, 2 * Elementwise.grain)
        let columnTiles = (columns.extent + columnTile - 1) / columnTile
        let rowTile = max(1, Elementwise.grain / columnTile)
        ThreadPool.shared.forEach((rowCount + rowTile - 1) / rowTile * columnTiles) { tile in
            let column = tile % columnTiles * columnTile
            let width = min(columnTile, columns.extent - column)
            var row = tile / columnTiles * rowTile
            let end = min(rowCount, row + rowTile)
            while row < end {
                // Rows up to the end of the tile or of their axis.
                let run = min(end - row, rows.extent - row % rows.extent)
                var (rest, i, j) = (row, column * columns.left, column * columns.right)
                for axis in outer.reversed() {
                    i += rest % axis.extent * axis.left
                    j += rest % axis.extent * axis.right
                    rest /= axis.extent
                }
                kernel(
                    x + i, rows.left, columns.left, y + j, rows.right, columns.right,
                    z + row * columns.extent + column, columns.extent, run, width)
                row += run
            }
        }
    }
}

extension Tensor {
    /// The tensor repeated along new axes and those of extent 1, to the given shape.
    public func broadcast(to shape: Shape) throws -> Tensor {
        guard self.shape != shape else { return self }
        let plan = try Broadcasting("broadcast", self.shape, shape)
        guard plan.shape == shape else {
            throw KitError.usage("broadcast: shape \(self.shape) cannot become \(shape): it would have to shrink")
        }
        let before = self.shape
        let result = Tensor(uninitialized: shape)
        plan.run(dk_active.pointee.keep_left, self, result, into: result)
        return result.recorded("broadcast", [self], form: .broadcast(shape)) { [$0.summed(to: before)] }
    }
}
