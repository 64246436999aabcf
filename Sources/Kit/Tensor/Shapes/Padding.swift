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
}
