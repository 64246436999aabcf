import KitCore

extension Tensor {
    /// The tensor with elements of one value before and after it on an axis.
    public func padded(axis: Int, before: Int, after: Int, with value: Float = 0) throws -> Tensor {
        let axis = try shape.axis(axis, of: "pad")
        guard before >= 0, after >= 0 else {
            throw KitError.usage("pad: needs 0 or more elements on each side, but was given \(before) and \(after)")
        }
        func edge(_ count: Int) throws -> [Tensor] {
            guard count > 0 else { return [] }
            var extents = shape.extents
            extents[axis] = count
            return [Tensor(repeating: value, try Shape(checking: extents, "pad"))]
        }
        let parts = try edge(before) + [self] + edge(after)
        return parts.count == 1 ? self : try .concat(parts, axis: axis)
    }

    public enum Interpolation: String, CaseIterable, ChoiceOption, Sendable { case linear, nearest }

    /// The values between those of a grid, at other extents of the axes between the first and the last: [batch, .., channels].
    /// PyTorch's `interpolate` without aligned corners.
    ///
    /// - Parameters:
    ///   - extents: the new extents, one for each of these axes.
    ///   - kind: between the two nearest values on each axis, or the nearest.
    public func interpolated(to extents: [Int], _ kind: Interpolation = .linear) throws -> Tensor {
        guard shape.rank >= 3, extents.count == shape.rank - 2, extents.allSatisfy({ $0 > 0 }),
            !shape.extents.contains(0)
        else {
            throw KitError.usage(
                "interpolate: needs [batch, .., channels] and a positive extent for each axis between, but was given "
                    + "\(shape) and \(extents.optionText)")
        }
        return try extents.enumerated().reduce(self) { x, item in
            let (axis, extent) = (item.offset + 1, item.element)
            guard x.shape[axis] != extent else { return x }
            let inner = Shape.product(x.shape.extents[(axis + 1)...])
            var target = x.shape.extents
            target[axis] = extent
            let lanes = try x.reshaped([Shape.product(x.shape.extents[..<axis]), x.shape[axis], inner])
            let rows = try lanes.transposed(0, 1).interpolatedRows(to: extent, kind)
            return try rows.transposed(0, 1).reshaped(Shape(target))
        }
    }

    /// The values of [rows, lanes, inner] at another number of rows.
    private func interpolatedRows(to count: Int, _ kind: Interpolation) throws -> Tensor {
        let last = shape[0] - 1
        if kind == .nearest { return try gatherRows((0..<count).map { Swift.min(last, $0 * shape[0] / count) }) }
        let places = (0..<count).map { row in
            Swift.max(0, (Double(row) + 0.5) * Double(shape[0]) / Double(count) - 0.5)
        }
        let low = places.map { Int($0) }
        let share = Tensor(places.map { Float($0 - $0.rounded(.down)) }, [count, 1, 1])
        return try gatherRows(low) * (1 - share) + gatherRows(low.map { Swift.min(last, $0 + 1) }) * share
    }
}
