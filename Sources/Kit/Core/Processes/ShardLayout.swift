/// How the clips of a batch are cut into shards, and which process has which of them.
///
/// Gradients, statistics and losses are summed within a shard first, then over the shards in the order of a fixed binary
/// tree. So a training has the same bits on any number of processes that divides the number of shards; one process with as
/// many shards is the reference.
public struct ShardLayout: Equatable, Sendable {
    /// How many shards a batch has.
    public let shards: Int
    /// This process, and how many there are.
    public let rank: Int
    public let ranks: Int

    /// Throws unless every process has the same number of shards.
    public init(shards: Int, rank: Int, ranks: Int) throws {
        guard shards > 0, shards % ranks == 0 else {
            throw KitError.usage(
                "\(shards) shards cannot be shared by \(ranks) processes: their number must be a multiple of \(ranks)")
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

    /// The rows of some shards in a batch: as equal as can be.
    public func rows(of shards: Range<Int>, in batch: Int) -> Range<Int> {
        shards.lowerBound * batch / self.shards..<shards.upperBound * batch / self.shards
    }

    /// The rows of each process in a batch.
    public func rowsByRank(in batch: Int) -> [Range<Int>] { (0..<ranks).map { rows(of: shards(of: $0), in: batch) } }
}

extension Session {
    /// How batches are cut, while a training goes on that cuts them; evaluations of it cut theirs in the same way.
    public var shards: ShardLayout? {
        get { self[Shards.self].layout }
        set { self[Shards.self].layout = newValue }
    }
}

private final class Shards: SessionPart, @unchecked Sendable {
    var layout: ShardLayout?
}

/// A binary tree over a row of leaves, the same for the same number of leaves: each node is cut behind the largest power of 2
/// that is smaller than it.
public struct ShardTree: Sendable {
    public let leaves: Int

    public init(_ leaves: Int) { self.leaves = leaves }

    /// The largest nodes within a range of leaves, in order: what can be summed without the other leaves.
    public func cover(_ range: Range<Int>) -> [Range<Int>] {
        func cover(_ node: Range<Int>) -> [Range<Int>] {
            if !node.overlaps(range) { return [] }
            if range.lowerBound <= node.lowerBound, node.upperBound <= range.upperBound { return [node] }
            let (left, right) = Self.children(node)
            return cover(left) + cover(right)
        }
        return cover(0..<leaves)
    }

    /// Joins what is known of a node's parts, each of them a node of the tree and all of them together the node.
    ///
    /// - Parameters:
    ///   - node: what is wanted; all leaves by default.
    ///   - part: gives what is known of a node, or nil if only of nodes below it.
    ///   - join: of the left and the right part of a node.
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
