import KitCore

/// The order of elements along an axis. NaN counts as the largest, as in PyTorch.
extension Tensor {
    /// Elements with their indices along the axis that they were taken from.
    public struct Ordered {
        public let values: Tensor
        /// The indices, counted from 0, in the memory order of `values`.
        public let indices: [Int]
    }

    /// The elements along an axis in order; equal ones stay in theirs. The gradient goes to where each came from.
    public func sorted(axis: Int = -1, descending: Bool = false) throws -> Ordered {
        let axis = try shape.axis(axis, of: "sort")
        return try ordered("sort", axis: axis, count: shape[axis], descending: descending)
    }

    /// The largest elements along an axis, largest first; with `smallest`, the smallest, smallest first.
    public func top(_ count: Int, axis: Int = -1, smallest: Bool = false) throws -> Ordered {
        let axis = try shape.axis(axis, of: "topk")
        guard 0...shape[axis] ~= count else {
            throw KitError.usage(
                "topk: \(Shape.ordinal(axis)) of shape \(shape) has \(shape[axis]) elements, not \(count)")
        }
        return try ordered("topk", axis: axis, count: count, descending: !smallest)
    }

    /// The index of the largest element along an axis, counted from 0, in the memory order of the tensor without that
    /// axis; of several equal ones, the first. Without an axis, the one place among all elements.
    public func indexOfMax(axis: Int?) throws -> [Int] { try indicesOfExtreme("argmax", axis) { $1 < $0 } }

    /// The same for the smallest element.
    public func indexOfMin(axis: Int?) throws -> [Int] { try indicesOfExtreme("argmin", axis) { $0 < $1 } }

    private func indicesOfExtreme(
        _ operation: String, _ axis: Int?, _ isBetter: (Float, Float) -> Bool
    ) throws -> [Int] {
        guard let axis else { return try reshaped([count]).indicesOfExtreme(operation, 0, isBetter) }
        let lanes = Lanes(shape, try shape.axis(axis, of: operation))
        guard lanes.length > 0 else {
            throw KitError.usage("\(operation): nothing to choose from in a tensor of shape \(shape)")
        }
        let x = pointer
        return (0..<lanes.count).map { lane in
            let start = lanes.start(lane)
            var best = 0
            for index in 1..<Swift.max(1, lanes.length) {
                let (value, found) = (x[start + index * lanes.step], x[start + best * lanes.step])
                // The first NaN wins.
                if !found.isNaN, value.isNaN || isBetter(value, found) { best = index }
            }
            return best
        }
    }

    private func ordered(_ operation: String, axis: Int, count: Int, descending: Bool) throws -> Ordered {
        let lanes = Lanes(shape, axis)
        var extents = shape.extents
        extents[axis] = count
        let result = Tensor(uninitialized: Shape(extents))
        let target = Lanes(result.shape, axis)
        var indices = [Int](repeating: 0, count: result.count)
        let (x, y) = (pointer, result.pointer)
        indices.withUnsafeMutableBufferPointer { indices in
            nonisolated(unsafe) let places = indices
            ThreadPool.shared.forEachRange(lanes.count, grain: Swift.max(1, 4096 / Swift.max(1, lanes.length))) {
                for lane in $0 {
                    let (from, to) = (lanes.start(lane), target.start(lane))
                    func isBefore(_ a: Int, _ b: Int) -> Bool {
                        let (first, second) = (x[from + a * lanes.step], x[from + b * lanes.step])
                        if first.isNaN || second.isNaN {
                            return first.isNaN == second.isNaN ? a < b : descending == first.isNaN
                        }
                        return first == second ? a < b : descending ? first > second : first < second
                    }
                    let order = (0..<lanes.length).sorted(by: isBefore)
                    for place in 0..<count {
                        y[to + place * target.step] = x[from + order[place] * lanes.step]
                        places[to + place * target.step] = order[place]
                    }
                }
            }
        }
        let (before, kept) = (shape, indices)
        result.recorded(operation, [self]) { gradient in
            let result = Tensor.zeros(before)
            let (g, dx) = (gradient.pointer, result.pointer)
            guard !MemoryShortage.isPending else { return [result] }
            for lane in 0..<target.count {
                let (from, to) = (target.start(lane), lanes.start(lane))
                for place in 0..<count {
                    let source = from + place * target.step
                    dx[to + kept[source] * lanes.step] += g[source]
                }
            }
            return [result]
        }
        return Ordered(values: result, indices: indices)
    }
}

/// The lines of elements along one axis of a tensor.
struct Lanes {
    let count: Int
    /// The number of elements of a lane, and the distance between two of them.
    let length: Int
    let step: Int

    init(_ shape: Shape, _ axis: Int) {
        length = shape[axis]
        step = Shape.product(shape.extents[(axis + 1)...])
        count = Shape.product(shape.extents[..<axis]) * step
    }

    /// The place of the first element of a lane.
    func start(_ lane: Int) -> Int { lane / step * step * length + lane % step }
}
