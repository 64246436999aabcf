/// A sum of vectors over all shards of all processes, in the order of a `ShardTree`. Other work can continue meanwhile.
///
/// Each process sends a short vector to all others, and each sums all of it. Of a long vector, each process sums one
/// slice and sends the result to the others: it sends and receives about twice the vector, however many processes there
/// are.
public final class ShardSum<Number: BitwiseCopyable>: Exchange {
    public typealias Vector = UnsafeMutableBufferPointer<Number>
    /// Adds the second vector to the first, in place. Both may be slices of the whole vectors that begin at a multiple
    /// of `grain`.
    public typealias Add = (_ sum: Vector, _ other: Vector) throws -> Void

    /// The most bytes that a process sends of a short vector. Beyond that, fewer bytes are worth a second exchange.
    private static var mostShortBytes: Int { 32 << 10 }

    private enum Stage { case parts, slices, done }

    private let processes: any ProcessGroup
    private let tree: ShardTree
    private let add: Add
    private let sum: Vector
    private let isShort: Bool
    private let own: Range<Int>
    private let slices: [Range<Int>]
    private let tickets: (Int, Int)
    private var stage = Stage.parts
    private var current: (any Exchange)?
    /// The partial sums of this process's slice, by the node of the tree that each one covers.
    private var parts: [Range<Int>: Vector] = [:]
    private var memory: [Vector] = []

    /// Begins a sum. All processes must begin the same sums in the same order.
    ///
    /// - Parameters:
    ///   - vectors: one for each shard of this process, all of one length; they must remain valid until the sum is
    ///     finished. The first one then holds the sum over all shards; the others are overwritten.
    ///   - layout: the shards of each process.
    ///   - processes: the processes that take part.
    ///   - grain: the number of consecutive elements that must stay in one slice.
    ///   - add: adds one vector to another.
    public init(
        _ vectors: [Vector], _ layout: ShardLayout, _ processes: any ProcessGroup, grain: Int = 1, add: @escaping Add
    ) throws {
        let (count, ranks) = (vectors[0].count, layout.ranks)
        (self.processes, self.add, sum, tree) = (processes, add, vectors[0], ShardTree(layout.shards))
        isShort = count * MemoryLayout<Number>.stride * (ranks - 1) <= Self.mostShortBytes
        slices = (0..<ranks).map { [isShort] rank in
            isShort ? 0..<count : rank * (count / grain) / ranks * grain..<(rank + 1) * (count / grain) / ranks * grain
        }
        own = slices[layout.rank]
        let nodes = (0..<ranks).map { [tree] in tree.cover(layout.shards(of: $0)) }
        let first = layout.own.lowerBound
        let sums = try nodes[layout.rank].map { [tree] node in
            try tree.fold(node) {
                $0.count == 1 ? vectors[$0.lowerBound - first] : nil
            } join: { left, right in
                try add(left, right)
                return left
            }
        }
        guard ranks > 1 else {
            (tickets, stage) = ((0, 0), .done)
            return
        }
        tickets = (processes.ticket(), processes.ticket())
        current = try sendParts(sums, nodes)
    }

    deinit { for vector in memory { vector.deallocate() } }

    private func newVector(_ count: Int) -> Vector {
        memory.append(.allocate(capacity: count))
        return memory.last!
    }

    /// Sends every process the partial sums of its slice over the shards of this process.
    private func sendParts(_ sums: [Vector], _ nodes: [[Range<Int>]]) throws -> any Exchange {
        var (outgoing, incoming): ([UnsafeRawBufferPointer], [UnsafeMutableRawBufferPointer]) = ([], [])
        for (rank, slice) in slices.enumerated() {
            let received = newVector(nodes[rank].count * own.count)
            for (index, node) in nodes[rank].enumerated() {
                parts[node] = Vector(rebasing: received[index * own.count..<(index + 1) * own.count])
            }
            if rank == processes.rank {
                for (sum, node) in zip(sums, nodes[rank]) {
                    _ = parts[node]!.update(fromContentsOf: sum[own])
                }
            }
            // A single sum is sent without a copy.
            let sent = sums.count == 1 ? Vector(rebasing: sums[0][slice]) : newVector(sums.count * slice.count)
            if sums.count > 1 {
                for (index, sum) in sums.enumerated() {
                    _ = sent[(index * slice.count)...].update(fromContentsOf: sum[slice])
                }
            }
            outgoing.append(UnsafeRawBufferPointer(sent))
            incoming.append(UnsafeMutableRawBufferPointer(received))
        }
        return try processes.begin(tickets.0, outgoing, incoming)
    }

    public func poll() throws -> Bool {
        while let current, try current.poll() { try advance() }
        return stage == .done
    }

    public func finish(hasDeadline: Bool) throws {
        while let current {
            try current.finish(hasDeadline: hasDeadline)
            try advance()
        }
    }

    /// Starts the next stage when an exchange has finished.
    private func advance() throws {
        current = nil
        if stage == .parts {
            let total = try tree.fold {
                parts[$0]
            } join: { left, right in
                try add(left, right)
                return left
            }
            _ = sum[own].update(fromContentsOf: total)
            if !isShort {
                stage = .slices
                let bytes = UnsafeMutableRawBufferPointer(sum)
                let width = MemoryLayout<Number>.stride
                current = try processes.beginGather(
                    tickets.1, into: bytes, parts: slices.map { $0.lowerBound * width..<$0.upperBound * width })
                return
            }
        }
        stage = .done
        for vector in memory { vector.deallocate() }
        memory = []
    }
}
