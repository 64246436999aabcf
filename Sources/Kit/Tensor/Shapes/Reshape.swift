import KitCore

/// The same elements in another shape. Nothing is copied: the result shares the storage.
extension Tensor {
    /// The same elements in another shape of equal count. One extent may be -1 and is then inferred.
    public func reshaped(_ target: Shape) throws -> Tensor {
        let known = Shape.product(target.extents.lazy.filter { $0 != -1 })
        var extents = target.extents
        if let open = extents.firstIndex(of: -1), known > 0, count % known == 0 { extents[open] = count / known }
        guard extents.allSatisfy({ $0 >= 0 }), Shape.product(extents) == count else {
            throw KitError.usage(
                "reshape: \(counted(count, "element")) of shape \(shape) \(agreeing(count, "does", "do")) not fill shape \(target)"
            )
        }
        return viewed("reshape", try Shape(checking: extents, "reshape"))
    }

    /// Merges the axes from `axis` to the last into one: [batch, 7, 7, 64] from axis 1 on is [batch, 3136].
    public func flattened(from axis: Int = 0) throws -> Tensor {
        guard shape.rank > 0 else { return viewed("flatten", [1]) }
        let axis = try shape.axis(axis, of: "flatten")
        return viewed("flatten", Shape(shape.extents[..<axis] + [Shape.product(shape.extents[axis...])]))
    }

    /// Drops an axis of extent 1.
    public func squeezed(axis: Int) throws -> Tensor {
        let axis = try shape.axis(axis, of: "squeeze")
        guard shape[axis] == 1 else {
            throw KitError.usage("squeeze: \(Shape.ordinal(axis)) of shape \(shape) has extent \(shape[axis]), not 1")
        }
        return viewed("squeeze", Shape(shape.extents[..<axis] + Array(shape.extents[(axis + 1)...])))
    }

    /// Adds an axis of extent 1 before `axis`; -1 adds it at the end.
    public func unsqueezed(axis: Int) throws -> Tensor {
        let place = axis < 0 ? axis + shape.rank + 1 : axis
        guard (0...shape.rank).contains(place) else {
            throw KitError.usage("unsqueeze: an axis cannot be added at \(axis) in shape \(shape)")
        }
        return viewed("unsqueeze", Shape(shape.extents[..<place] + [1] + Array(shape.extents[place...])))
    }

    /// A view of all elements.
    private func viewed(_ operation: String, _ target: Shape) -> Tensor {
        let before = shape
        return view(target).recorded(operation, [self], form: .reshape(target)) { [$0.view(before)] }
    }
}
