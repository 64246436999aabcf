import KitCore

/// Parts of a tensor.
extension Tensor {
    /// The elements whose index on one axis is in a range. A view without a copy if that part is contiguous, else a
    /// copy.
    public func slice(axis: Int, _ range: Range<Int>) throws -> Tensor {
        let axis = try shape.axis(axis, of: "slice")
        guard range.lowerBound >= 0, range.upperBound <= shape[axis] else {
            throw KitError.usage("slice: \(range) is outside \(Shape.ordinal(axis)) of shape \(shape)")
        }
        let blocks = Blocks(shape, axis)
        var extents = shape.extents
        extents[axis] = range.count
        let start = range.lowerBound * blocks.inner
        let length = range.count * blocks.inner
        let result: Tensor
        if blocks.outer == 1 {
            result = Tensor(storage, offset: offset + start, shape: Shape(extents))
        } else {
            result = Tensor(uninitialized: Shape(extents))
            let (x, y) = (pointer, result.pointer)
            blocks.forEach { (y + $0 * length).update(from: x + $0 * blocks.length + start, count: length) }
        }
        let before = shape
        return result.recorded("slice", [self], form: .slice(axis, range)) { gradient in
            let result = Tensor(uninitialized: before)
            let (g, dx) = (gradient.pointer, result.pointer)
            blocks.forEach {
                let block = dx + $0 * blocks.length
                block.update(repeating: 0, count: start)
                (block + start).update(from: g + $0 * length, count: length)
                (block + start + length).update(repeating: 0, count: blocks.length - start - length)
            }
            return [result]
        }
    }

    /// The parts of an axis that follow each other. Their extents must add up to the axis.
    public func split(axis: Int, _ extents: [Int]) throws -> [Tensor] {
        let axis = try shape.axis(axis, of: "split")
        let total = extents.reduce(0) { $0.addingReportingOverflow(Swift.max(0, $1)).partialValue }
        guard extents.allSatisfy({ (0...shape[axis]).contains($0) }), total == shape[axis] else {
            throw KitError.usage("split: \(extents) do not add up to \(Shape.ordinal(axis)) of shape \(shape)")
        }
        var start = 0
        return try extents.map { extent in
            defer { start += extent }
            return try slice(axis: axis, start..<start + extent)
        }
    }

    /// The part at one index of an axis, without that axis. A negative index counts from the end.
    public func select(axis: Int, _ index: Int) throws -> Tensor {
        let axis = try shape.axis(axis, of: "select")
        let place = index < 0 ? index + shape[axis] : index
        guard place >= 0, place < shape[axis] else {
            throw KitError.usage("select: index \(index) is outside \(Shape.ordinal(axis)) of shape \(shape)")
        }
        return try slice(axis: axis, place..<place + 1).squeezed(axis: axis)
    }

    /// The parts at the given indices of the first axis, in that order; an index may occur more than once.
    public func gatherRows(_ indices: [Int]) throws -> Tensor {
        guard shape.rank >= 1 else { throw KitError.usage("gather: needs at least one axis, but the shape is []") }
        if let bad = indices.first(where: { $0 < 0 || $0 >= shape[0] }) {
            throw KitError.usage("gather: index \(bad) is outside the first axis of shape \(shape)")
        }
        let length = Shape.product(shape.extents.dropFirst())
        let result = Tensor(
            uninitialized: try Shape(checking: [indices.count] + shape.extents.dropFirst(), "gather"))
        let (x, y) = (pointer, result.pointer)
        ThreadPool.shared.forEachRange(indices.count, grain: Elementwise.grain / Swift.max(1, length)) {
            for row in $0 { (y + row * length).update(from: x + indices[row] * length, count: length) }
        }
        let before = shape
        return result.recorded("gather", [self], form: .gather(indices)) { gradient in
            let result = Tensor.zeros(before)
            let (g, dx) = (gradient.pointer, result.pointer)
            for (row, index) in indices.enumerated() {
                for element in 0..<length { dx[index * length + element] += g[row * length + element] }
            }
            return [result]
        }
    }

    /// One element of each row of a matrix [rows, columns], at that row's column: [rows].
    public func picked(columns: [Int]) throws -> Tensor {
        guard shape.rank == 2, columns.count == shape[0] else {
            throw KitError.usage(
                "pick: needs a matrix and one column for each row, not \(shape) and \(counted(columns.count, "column"))"
            )
        }
        let width = shape[1]
        if let bad = columns.first(where: { $0 < 0 || $0 >= width }) {
            throw KitError.usage("pick: column \(bad) is outside shape \(shape)")
        }
        let result = Tensor(uninitialized: [columns.count])
        for (row, column) in columns.enumerated() { result.pointer[row] = pointer[row * width + column] }
        let before = shape
        return result.recorded("pick", [self]) { gradient in
            let result = Tensor.zeros(before)
            for (row, column) in columns.enumerated() { result.pointer[row * width + column] = gradient.pointer[row] }
            return [result]
        }
    }

    /// Joins tensors along an existing axis. All other extents must agree.
    public static func concat(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
        guard let first = tensors.first else { throw KitError.usage("concat: needs at least one tensor") }
        let axis = try first.shape.axis(axis, of: "concat")
        var extents = first.shape.extents
        extents[axis] = tensors.reduce(0) { sum, tensor in
            let (total, overflow) = sum.addingReportingOverflow(tensor.shape.rank > axis ? tensor.shape[axis] : 0)
            return overflow ? .max : total
        }
        for (index, tensor) in tensors.enumerated() {
            var expected = first.shape.extents
            if tensor.shape.rank == expected.count { expected[axis] = tensor.shape[axis] }
            guard tensor.shape.extents == expected else {
                throw KitError.usage(
                    "concat: tensor \(index + 1) of shape \(tensor.shape) does not fit the first one's \(first.shape) "
                        + "along \(Shape.ordinal(axis))")
            }
        }
        let result = Tensor(uninitialized: try Shape(checking: extents, "concat"))
        let blocks = Blocks(result.shape, axis)
        let lengths = tensors.map { $0.shape[axis] * blocks.inner }
        let starts = lengths.indices.map { lengths[..<$0].reduce(0, +) }
        let y = result.pointer
        for (tensor, (start, length)) in zip(tensors, zip(starts, lengths)) {
            let x = tensor.pointer
            blocks.forEach { (y + $0 * blocks.length + start).update(from: x + $0 * length, count: length) }
        }
        let needs = tensors.map(\.needsGrad)
        let extent = tensors.map { $0.shape[axis] }
        return result.recorded("concat", tensors, form: .concat(axis)) { gradient in
            var start = 0
            return try zip(extent, needs).map { extent, needsGrad in
                defer { start += extent }
                return needsGrad ? try gradient.slice(axis: axis, start..<start + extent) : nil
            }
        }
    }

    /// Joins tensors of one shape along a new axis.
    public static func stack(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
        guard let first = tensors.first else { throw KitError.usage("stack: needs at least one tensor") }
        if let index = tensors.firstIndex(where: { $0.shape != first.shape }) {
            throw KitError.usage(
                "stack: tensor \(index + 1) of shape \(tensors[index].shape) differs from the first one's \(first.shape)"
            )
        }
        let place = axis < 0 ? axis + first.shape.rank + 1 : axis
        return try concat(tensors.map { try $0.unsqueezed(axis: place) }, axis: place)
    }
}

/// A tensor as `outer` blocks of contiguous elements, split at one axis.
private struct Blocks {
    let outer: Int
    /// The number of elements in a block, and at one index of the axis in a block.
    let length: Int
    let inner: Int

    init(_ shape: Shape, _ axis: Int) {
        outer = Shape.product(shape.extents[..<axis])
        inner = Shape.product(shape.extents[(axis + 1)...])
        length = shape[axis] * inner
    }

    func forEach(_ body: (Int) -> Void) {
        guard length > 0 else { return }
        ThreadPool.shared.forEachRange(outer, grain: Elementwise.grain / length) { $0.forEach(body) }
    }
}
