import KitCore

extension Tensor {
    /// The values of patches next to each other: [batch, .., channels] to [batch, patches, values], patches and values in
    /// the order of the axes, channels last.
    ///
    /// - Parameter extents: the extents of a patch along each axis between batch and channels, which they must divide.
    public func patches(_ extents: [Int]) throws -> Tensor {
        guard shape.rank == extents.count + 2, !extents.isEmpty, extents.allSatisfy({ $0 > 0 }) else {
            throw KitError.usage(
                "patches: expected one extent, above 0, for each axis between batch and channels of \(shape), given "
                    + "\(extents)")
        }
        var (split, counts) = ([shape[0]], [Int]())
        for (index, extent) in extents.enumerated() {
            let whole = shape[index + 1]
            guard whole % extent == 0 else {
                throw KitError.usage(
                    "patches: axis \(index + 2) must be a multiple of \(extent), such as "
                        + "\(Swift.max(1, whole / extent) * extent), but is \(whole): \(shape)")
            }
            split += [whole / extent, extent]
            counts.append(whole / extent)
        }
        // Places before values.
        let axes = extents.indices
        let order = [0] + axes.map { 2 * $0 + 1 } + axes.map { 2 * $0 + 2 } + [2 * extents.count + 1]
        return try reshaped(Shape(split + [shape[-1]])).permuted(order)
            .reshaped([shape[0], Shape.product(counts), Shape.product(extents) * shape[-1]])
    }
}
