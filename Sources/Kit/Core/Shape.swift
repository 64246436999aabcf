/// The extents of a tensor, outermost first. Memory is contiguous, the last axis fastest.
public struct Shape: Equatable, Hashable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
    public let extents: [Int]

    public init(_ extents: [Int]) { self.extents = extents }
    public init(arrayLiteral elements: Int...) { extents = elements }

    public var rank: Int { extents.count }
    /// The number of elements: 1 for a scalar, `Int.max` if it would overflow.
    public var count: Int { Self.product(extents) }
    /// The number of elements between neighbours along each axis.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = Self.product([strides[axis + 1], extents[axis + 1]])
        }
        return strides
    }

    /// The product of extents, or `Int.max` if it would overflow.
    public static func product(_ extents: some Sequence<Int>) -> Int {
        var (product, isTooLarge) = (1, false)
        for extent in extents {
            if extent == 0 { return 0 }
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            (product, isTooLarge) = (next, isTooLarge || overflow)
        }
        return isTooLarge ? .max : product
    }

    public subscript(axis: Int) -> Int { extents[axis < 0 ? axis + rank : axis] }

    /// "[4, 16, 224, 224, 3]".
    public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }

    /// "[batch 4, time 16, height 224, width 224, channels 3]"; axes without a name show only their extent.
    public func described(by axes: [String]) -> String {
        guard axes.count == rank else { return description }
        return "[\(zip(axes, extents).map { "\($0) \($1)" }.joined(separator: ", "))]"
    }

    /// "the second axis": the name of an axis in messages, which is clear in Swift (from 0) and in Lua (from 1).
    public static func ordinal(_ axis: Int) -> String {
        let words = ["first", "second", "third", "fourth", "fifth", "sixth"]
        return "the \(words.indices.contains(axis) ? words[axis] : "\(axis + 1)th") axis"
    }

    /// Converts an axis that may be negative (-1 is the last) to its index. Throws if there is no such axis.
    public func axis(_ axis: Int, of operation: String) throws -> Int {
        let plain = axis < 0 ? axis + rank : axis
        guard plain >= 0, plain < rank else {
            throw KitError.usage("\(operation): axis \(axis) does not exist in a tensor of shape \(self)")
        }
        return plain
    }

    /// A shape from outside. Throws if an extent is negative, or if a tensor of this shape would not fit into the
    /// machine's memory. Extents of 0 are left out of that size, as in numpy.
    public init(checking extents: [Int], _ operation: String) throws {
        guard extents.allSatisfy({ $0 >= 0 }) else {
            throw KitError.usage("\(operation): shape \(Shape(extents)) has a negative extent")
        }
        guard extents.count <= Self.largestRank else {
            throw KitError.usage(
                "\(operation): a shape of \(counted(extents.count, "axis", "axes")): expected at most \(Self.largestRank)"
            )
        }
        let count = Self.product(extents.lazy.filter { $0 > 0 })
        guard count <= (extents.contains(0) ? Self.largestProduct : MachineMemory.limit / 4) else {
            throw KitError(
                .outOfMemory,
                "\(operation): a float32 tensor of shape \(Shape(extents)) does not fit into this machine's memory")
        }
        self.extents = extents
    }

    /// The largest number of axes, as in numpy.
    private static let largestRank = 64

    /// Only of the extents that are not 0, so that a reduction over some axes cannot overflow.
    private static let largestProduct = 1 << 59
}
