import KitCore

extension Tensor {
    public enum Interpolation: String, CaseIterable, ChoiceOption, Sendable {
        case linear, nearest, cubic

        /// PyTorch's names for two axes.
        public static let foreignWords = ["bilinear": linear.rawValue, "bicubic": cubic.rawValue]
    }

    /// The values between those of a grid, at other extents of the axes between the first and the last: [batch, .., channels].
    /// PyTorch's `interpolate` without aligned corners.
    ///
    /// - Parameters:
    ///   - extents: the new extents, one for each of these axes.
    ///   - kind: between the two or, cubic, four nearest values on each axis, or the nearest.
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

    /// The values of [rows, lanes, inner] at another number of rows: a sum of gathered rows with weights. Those beyond
    /// the ends are the outermost ones.
    private func interpolatedRows(to count: Int, _ kind: Interpolation) throws -> Tensor {
        let rows = shape[0]
        if kind == .nearest { return try gatherRows((0..<count).map { Swift.min(rows - 1, $0 * rows / count) }) }
        let least: Double = kind == .linear ? 0 : -.infinity
        let places = (0..<count).map { row in
            Swift.max(least, (Double(row) + 0.5) * Double(rows) / Double(count) - 0.5)
        }
        let terms = try (kind == .linear ? 0...1 : -1...2).map { offset in
            let weights = places.map { place in
                let distance = Swift.abs(place - place.rounded(.down) - Double(offset))
                return Float(kind == .linear ? 1 - distance : Self.cubicWeight(distance))
            }
            let indices = places.map { Swift.min(Swift.max(Int($0.rounded(.down)) + offset, 0), rows - 1) }
            return try gatherRows(indices) * Tensor(weights, [count, 1, 1])
        }
        return try terms.dropFirst().reduce(terms[0]) { try $0 + $1 }
    }

    /// The weight of a value at a distance of up to 2 (Keys 1981, with PyTorch's parameter).
    private static func cubicWeight(_ distance: Double) -> Double {
        let a = -0.75
        return distance <= 1
            ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
            : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    }
}
