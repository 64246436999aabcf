import KitCore

/// Tensors as nested lists of numbers, as recipes write and read them: `{ { 1, 2 }, { 3, 4 } }`.
extension Tensor {
    /// A tensor from nested lists; a number alone gives a scalar. Throws an error that names the place if lists differ
    /// in length or contain anything but numbers.
    public convenience init(nested value: OptionValue) throws {
        var extents: [Int] = []
        var level = value
        while case .list(let values) = level {
            extents.append(values.count)
            level = values.first ?? .number(0)
        }
        self.init(uninitialized: try Shape(checking: extents, "nested lists"))
        var place = pointer
        try Self.fill(&place, value, extents[...], path: "")
    }

    private static func fill(
        _ place: inout UnsafeMutablePointer<Float>, _ value: OptionValue, _ extents: ArraySlice<Int>, path: String
    ) throws {
        let here = path.isEmpty ? "" : " at [\(path)]"
        switch value {
        case .list(let values):
            guard let extent = extents.first, values.count == extent else {
                let expected = extents.first.map { "a list of \($0), as before it" } ?? "a number, as before it"
                throw KitError.usage(
                    "lists of unequal form: expected \(expected), but found a list of \(values.count)\(here)")
            }
            for (index, element) in values.enumerated() {
                if index % 65536 == 65535 { try Interrupt.check() }
                try fill(&place, element, extents.dropFirst(), path: path + (path.isEmpty ? "" : ", ") + "\(index + 1)")
            }
        case .int, .number:
            guard extents.isEmpty else {
                throw KitError.usage(
                    "lists of unequal form: expected a list of \(extents.first!), but found a number\(here)")
            }
            // Including NaN, which a tensor can hold.
            if case .int(let number) = value { place.pointee = Float(number) }
            if case .number(let number) = value { place.pointee = Float(number) }
            place += 1
        default:
            throw KitError.usage("expected numbers or nested lists of numbers, but found \(value.givenText)\(here)")
        }
    }

    /// The elements as nested lists; a number for a scalar.
    ///
    /// Throws if there are more than a recipe can hold.
    public func nestedValues() throws -> OptionValue {
        // Lists count too: an empty tensor can have any number of them.
        let lists = shape.extents.indices.map { Shape.product(shape.extents[...$0]) }.max() ?? 1
        guard lists <= Self.mostValues else {
            throw KitError.usage(
                "values: \(counted(lists, "value")) or lists of shape \(shape): expected at most \(Self.mostValues)")
        }
        return try nestedValues(from: 0, axis: 0)
    }

    /// A table of this many numbers takes half of the memory that Lua may use.
    private static let mostValues = 1 << 25

    private func nestedValues(from start: Int, axis: Int) throws -> OptionValue {
        try Interrupt.check()
        guard axis < shape.rank else { return .number(Double(pointer[start])) }
        if axis == shape.rank - 1 {
            let row = UnsafeBufferPointer(start: pointer + start, count: shape[axis])
            return .list(row.map { .number(Double($0)) })
        }
        let step = Shape.product(shape.extents[(axis + 1)...])
        return .list(try (0..<shape[axis]).map { try nestedValues(from: start + $0 * step, axis: axis + 1) })
    }
}
