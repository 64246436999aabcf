/// How a batch is cut into shards, and which process has which shards.
///
/// Gradients, statistics and losses are summed within each shard first, then over the shards in the order of a fixed
/// binary tree. So a run has the same bits on any number of processes that divides the number of shards; the reference
/// is one process with the same number of shards.
public struct ShardLayout: Equatable, Sendable {
    /// The number of shards of a batch.
    public let shards: Int
    /// The rank of this process.
    public let rank: Int
    /// The number of processes.
    public let ranks: Int

    /// Throws unless the number of shards is a positive multiple of the number of processes.
    public init(shards: Int, rank: Int, ranks: Int) throws {
        guard shards > 0, shards % ranks == 0 else {
            throw KitError.usage(
                "\(shards) shards cannot be shared by \(ranks) processes: use a multiple of \(ranks)")
        }
        (self.shards, self.rank, self.ranks) = (shards, rank, ranks)
    }

    /// The shards of a process.
    public func shards(of rank: Int) -> Range<Int> {
        let each = shards / ranks
        return rank * each..<(rank + 1) * each
    }

    /// The shards of this process.
    public var own: Range<Int> { shards(of: rank) }

    /// The rows of a range of shards in a batch. The sizes of shards differ by at most one row.
    public func rows(of shards: Range<Int>, in batch: Int) -> Range<Int> {
        shards.lowerBound * batch / self.shards..<shards.upperBound * batch / self.shards
    }

    /// The rows of each process in a batch.
    public func rowsByRank(in batch: Int) -> [Range<Int>] { (0..<ranks).map { rows(of: shards(of: $0), in: batch) } }
}

extension Session {
    /// How batches are cut into shards while a run does so, also in its evaluations; nil otherwise.
    public var shards: ShardLayout? {
        get { self[Shards.self].layout }
        set { self[Shards.self].layout = newValue }
    }
}

private final class Shards: SessionPart, @unchecked Sendable {
    var layout: ShardLayout?
}

/// A binary tree over a sequence of leaves. Its form depends only on their number: the left child of a node has the
/// largest power of 2 that is smaller than the node's number of leaves.
public struct ShardTree: Sendable {
    public let leaves: Int

    public init(_ leaves: Int) { self.leaves = leaves }

    /// The largest nodes within a range of leaves, in order. They can be summed without the other leaves.
    public func cover(_ range: Range<Int>) -> [Range<Int>] {
        func cover(_ node: Range<Int>) -> [Range<Int>] {
            if !node.overlaps(range) { return [] }
            if range.lowerBound <= node.lowerBound, node.upperBound <= range.upperBound { return [node] }
            let (left, right) = Self.children(node)
            return cover(left) + cover(right)
        }
        return cover(0..<leaves)
    }

    /// Computes the value of a node by joining the values of nodes below it, from left to right.
    ///
    /// - Parameters:
    ///   - node: the node whose value is wanted; all leaves by default.
    ///   - part: gives the value of a node, or nil if it must be joined from the node's children.
    ///   - join: joins the values of the left and the right child of a node.
    public func fold<Value>(
        _ node: Range<Int>? = nil, part: (Range<Int>) throws -> Value?, join: (Value, Value) throws -> Value
    ) rethrows -> Value {
        let node = node ?? 0..<leaves
        if let value = try part(node) { return value }
        let (left, right) = Self.children(node)
        return try join(fold(left, part: part, join: join), fold(right, part: part, join: join))
    }

    private static func children(_ node: Range<Int>) -> (Range<Int>, Range<Int>) {
        var half = 1
        while half * 2 < node.count { half *= 2 }
        return (node.lowerBound..<node.lowerBound + half, node.lowerBound + half..<node.upperBound)
    }
}
