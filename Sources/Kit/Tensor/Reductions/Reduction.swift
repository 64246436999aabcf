import CKernels
import KitCore

/// Sums and extremes over axes. Neighbouring axes that are both reduced or both kept are merged. A reduction is then a
/// sequence of passes over [outer, reduced, inner], innermost first. Only the shape decides the order in which partial
/// results are combined.
enum Reduction {
    /// Sums x (times y, element by element, if given) over the marked axes, which keep an extent of 1.
    static func sum(_ x: Tensor, times y: Tensor? = nil, over isReduced: [Bool]) -> Tensor {
        let target = Shape(zip(x.shape.extents, isReduced).map { $1 ? 1 : $0 })
        // The sum of no elements.
        guard x.count > 0 else { return .zeros(target) }
        var groups = Self.groups(x.shape, isReduced)
        guard groups.contains(where: \.isReduced) else {
            let product =
                y.map { y in
                    let product = Tensor(uninitialized: x.shape)
                    Elementwise.run(dk_active.pointee.multiply, x, y, into: product)
                    return product
                } ?? x
            return Tensor(product.storage, offset: product.offset, shape: target)
        }
        var (total, factor) = (x, y)
        while let last = groups.lastIndex(where: \.isReduced) {
            let outer = groups[..<last].reduce(1) { $0 * $1.extent }
            let inner = groups[(last + 1)...].reduce(1) { $0 * $1.extent }
            total = pass(total, times: factor, outer, groups[last].extent, inner)
            factor = nil
            groups.remove(at: last)
        }
        return Tensor(total.storage, offset: total.offset, shape: target)
    }

    /// Merges neighbouring axes into groups that are reduced or kept together. Axes of extent 1 are left out.
    static func groups(_ shape: Shape, _ isReduced: [Bool]) -> [(extent: Int, isReduced: Bool)] {
        var groups: [(extent: Int, isReduced: Bool)] = []
        for (extent, reduced) in zip(shape.extents, isReduced) where extent != 1 {
            if let last = groups.last, last.isReduced == reduced {
                groups[groups.count - 1].extent *= extent
            } else {
                groups.append((extent, reduced))
            }
        }
        return groups
    }

    /// [outer, count, inner] to [outer, inner].
    private static func pass(_ x: Tensor, times y: Tensor?, _ outer: Int, _ count: Int, _ inner: Int) -> Tensor {
        inner == 1 ? rowSums(x, times: y, outer, count) : columnSums(x, times: y, outer, count, inner)
    }

    private static func rowSums(_ x: Tensor, times y: Tensor?, _ rows: Int, _ count: Int) -> Tensor {
        let result = Tensor(uninitialized: [rows])
        let pieces = max(1, (count + Elementwise.grain - 1) / Elementwise.grain)
        let rowsInTile = pieces > 1 ? 1 : max(1, Elementwise.grain / max(1, count))
        let (first, second, sums) = (x.pointer, y?.pointer, result.pointer)
        // A double has the size of two floats.
        let memory = Storage(count: 2 * max(1, rows * pieces))
        let partial = UnsafeMutableRawPointer(memory.pointer).assumingMemoryBound(to: Double.self)
        ThreadPool.shared.forEachRange(rows * pieces, grain: rowsInTile) { range in
            for index in range {
                let start = index % pieces * Elementwise.grain
                let length = min(Elementwise.grain, count - start)
                let from = index / pieces * count + start
                if let second {
                    dk_active.pointee.dot(first + from, second + from, length, partial + index)
                } else {
                    dk_active.pointee.sum(first + from, length, partial + index)
                }
            }
        }
        ThreadPool.shared.forEachRange(rows, grain: max(1, Elementwise.grain / pieces)) { range in
            for row in range { sums[row] = Float((0..<pieces).reduce(0) { $0 + partial[row * pieces + $1] }) }
        }
        withExtendedLifetime(memory) {}
        return result
    }

    /// The number of rows in a partial sum, which limits the growth of rounding errors.
    private static let mostRows = 1024

    private static func columnSums(
        _ x: Tensor, times y: Tensor?, _ outer: Int, _ count: Int, _ inner: Int
    ) -> Tensor {
        let width = min(inner, Elementwise.grain / 2)
        let columnTiles = (inner + width - 1) / width
        // With enough columns, all threads are busy; otherwise the rows are split too.
        let rows = columnTiles * outer >= 64 ? mostRows : min(mostRows, max(8, Elementwise.grain / width))
        let rowTiles = max(1, (count + rows - 1) / rows)
        let result = Tensor(uninitialized: [outer, rowTiles, inner])
        let (first, second, sums) = (x.pointer, y?.pointer, result.pointer)
        let tilesInRange = max(1, Elementwise.grain / max(1, min(rows, count) * width))
        ThreadPool.shared.forEachRange(outer * rowTiles * columnTiles, grain: tilesInRange) { range in
            for tile in range {
                let column = tile % columnTiles * width
                let row = tile / columnTiles % rowTiles * rows
                let from = (tile / columnTiles / rowTiles * count + row) * inner + column
                let (height, columns) = (min(rows, count - row), min(width, inner - column))
                let into = sums + tile / columnTiles * inner + column
                if let second {
                    dk_active.pointee.column_dot(first + from, second + from, inner, height, columns, into)
                } else {
                    dk_active.pointee.column_sum(first + from, inner, height, columns, into)
                }
            }
        }
        return rowTiles == 1 ? result : columnSums(result, times: nil, outer, rowTiles, inner)
    }
}

extension Tensor {
    /// The sum over the given axes (all of them by default). `keepDims` leaves them with extent 1.
    public func sum(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
        let isReduced = try reducedAxes(axes, "sum")
        let kept = Reduction.sum(self, over: isReduced)
        let (before, keptShape) = (shape, kept.shape)
        let result = Tensor(kept.storage, offset: kept.offset, shape: keepDims ? keptShape : kept.dropping(isReduced))
        return result.recorded(
            "sum", [self], form: .reduction("ReduceSum", isReduced, keepDims: keepDims)
        ) { [try $0.reshaped(keptShape).broadcast(to: before)] }
    }

    /// The arithmetic mean over the given axes (all of them by default).
    public func mean(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
        let count = try reducedCount(axes, "mean")
        let result = try sum(axes, keepDims: keepDims) * (1 / Float(count))
        // One node without the number of elements, which may be another when the graph is used.
        if let tape = GraphTape.active {
            let form = GraphForm.reduction("ReduceMean", try reducedAxes(axes, "mean"), keepDims: keepDims)
            tape.redraw(result, from: [self], as: form)
        }
        return result
    }

    /// The variance over the given axes (all of them by default): the mean squared distance from the mean.
    ///
    /// - Parameters:
    ///   - axes: counted from 0, negative ones from the end; nil for all.
    ///   - correction: the sum of squares is divided by the number of elements minus this. 1 estimates the variance of
    ///     a population from a sample (PyTorch's default), 0 gives that of the elements.
    ///   - keepDims: whether the axes stay, with extent 1.
    public func variance(_ axes: [Int]? = nil, correction: Int = 1, keepDims: Bool = false) throws -> Tensor {
        let count = try reducedCount(axes, "variance")
        guard count > correction else {
            throw KitError.usage(
                "variance: \(counted(count, "element")) \(agreeing(count, "is", "are")) too few for a correction of \(correction)"
            )
        }
        let isReduced = try reducedAxes(axes, "variance")
        let (kept, centered) = try Autograd.noGrad {
            let centered = try self - mean(axes, keepDims: true)
            return (Reduction.sum(centered, times: centered, over: isReduced), centered)
        }
        let scale = 1 / Float(count - correction)
        let keptShape = kept.shape
        let result = kept * scale
        return Tensor(result.storage, offset: 0, shape: keepDims ? keptShape : kept.dropping(isReduced))
            .recorded(
                "variance", [self],
                form: .variance(isReduced, factor: Float(count) / Float(count - correction), keepDims: keepDims)
            ) { [try centered * ($0.reshaped(keptShape) * (2 * scale))] }
    }

    /// For backward: the sum over the axes along which a tensor of shape `target` was broadcast to this shape.
    func summed(to target: Shape, times factor: Tensor? = nil) -> Tensor {
        if target == shape, factor == nil { return self }
        let added = shape.rank - target.rank
        let isReduced = (0..<shape.rank).map { $0 < added || (target[$0 - added] == 1 && shape[$0] != 1) }
        let total = Reduction.sum(self, times: factor, over: isReduced)
        return Tensor(total.storage, offset: total.offset, shape: target)
    }

    /// Marks the axes of a reduction. Throws if one does not exist or is named twice.
    func reducedAxes(_ axes: [Int]?, _ operation: String) throws -> [Bool] {
        guard let axes else { return [Bool](repeating: true, count: shape.rank) }
        var isReduced = [Bool](repeating: false, count: shape.rank)
        for axis in try axes.map({ try shape.axis($0, of: operation) }) {
            guard !isReduced[axis] else { throw KitError.usage("\(operation): \(Shape.ordinal(axis)) is named twice") }
            isReduced[axis] = true
        }
        return isReduced
    }

    /// The shape without the marked axes.
    func dropping(_ isDropped: [Bool]) -> Shape { Shape(zip(shape.extents, isDropped).filter { !$1 }.map(\.0)) }

    /// The number of elements for each result. Throws if it is 0.
    private func reducedCount(_ axes: [Int]?, _ operation: String) throws -> Int {
        let count = Shape.product(zip(shape.extents, try reducedAxes(axes, operation)).lazy.filter(\.1).map(\.0))
        guard count > 0 else { throw KitError.usage("\(operation): nothing to reduce in a tensor of shape \(shape)") }
        return count
    }
}
