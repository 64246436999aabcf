import Glibc

/// The extents of a tensor, outermost first. Memory is contiguous, the last axis fastest.
public struct Shape: Equatable, Hashable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
    public let extents: [Int]

    public init(_ extents: [Int]) { self.extents = extents }
    public init(arrayLiteral elements: Int...) { extents = elements }

    public var rank: Int { extents.count }
    /// The number of elements; 1 for a scalar.
    public var count: Int { extents.reduce(1, *) }
    /// Elements between neighbours along each axis.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * extents[axis + 1] }
        return strides
    }

    public subscript(axis: Int) -> Int { extents[axis < 0 ? axis + rank : axis] }

    /// "[4, 16, 224, 224, 3]".
    public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }

    /// "[batch 4, time 16, height 224, width 224, channels 3]"; unnamed axes keep their number alone.
    public func described(by axes: [String]) -> String {
        guard axes.count == rank else { return description }
        return "[\(zip(axes, extents).map { "\($0) \($1)" }.joined(separator: ", "))]"
    }

    /// "the second axis": what messages call an axis, whichever number their reader counts from.
    public static func ordinal(_ axis: Int) -> String {
        let words = ["first", "second", "third", "fourth", "fifth", "sixth"]
        return "the \(words.indices.contains(axis) ? words[axis] : "\(axis + 1)th") axis"
    }

    /// Turns an axis that may be negative (-1 is the last) into a plain one. Throws if there is no such axis.
    public func axis(_ axis: Int, of operation: String) throws -> Int {
        let plain = axis < 0 ? axis + rank : axis
        guard plain >= 0, plain < rank else {
            throw KitError.usage("\(operation): axis \(axis) does not exist in a tensor of shape \(self)")
        }
        return plain
    }

    /// A shape that comes from outside. Throws if an extent is negative or a tensor of this shape would not fit into
    /// the machine's memory.
    public init(checking extents: [Int], _ operation: String) throws {
        var count = 1
        for extent in extents {
            let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
            guard extent >= 0 else {
                throw KitError.usage("\(operation): shape \(Shape(extents)) has a negative extent")
            }
            count = overflow ? .max : product
        }
        guard extents.contains(0) || count <= Self.largestCount else {
            throw KitError.usage(
                "\(operation): a float32 tensor of shape \(Shape(extents)) does not fit into this machine's memory")
        }
        self.extents = extents
    }

    /// As many floats as the machine's memory holds.
    private static let largestCount = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 4
}
