import KitCore
import TestSupport
import Testing

/// Sums over the shards of a batch have the same bits on any number of processes.
@Suite struct ShardTests {
    @Test(arguments: 1...17) func aTreeIsCoveredByItsLargestNodes(leaves: Int) {
        let tree = ShardTree(leaves)
        for low in 0..<leaves {
            for high in low + 1...leaves {
                let nodes = tree.cover(low..<high)
                #expect(nodes.flatMap(Array.init) == Array(low..<high))
            }
        }
        let text = tree.fold {
            $0.count == 1 ? "\($0.lowerBound)" : nil
        } join: {
            "(\($0) \($1))"
        }
        #expect(text.split { "( )".contains($0) }.compactMap { Int($0) } == Array(0..<leaves))
    }

    @Test func shardsMustBeSharedEvenly() throws {
        let error = #expect(throws: KitError.self) { try ShardLayout(shards: 8, rank: 0, ranks: 3) }
        #expect(error?.message.contains("8 shards cannot be shared by 3 processes") == true)
        let layout = try ShardLayout(shards: 6, rank: 1, ranks: 3)
        #expect(layout.own == 2..<4)
        // Ten rows in six shards: none is missing, none occurs twice.
        #expect(layout.rowsByRank(in: 10).flatMap(Array.init) == Array(0..<10))
    }

    /// Numbers whose sum depends on the order in which they are added.
    private static func vector(_ shard: Int, _ count: Int) -> [Float] {
        (0..<count).map { Float((shard * 7919 + $0 * 104729) % 1013 - 500) * Float(1 << (shard % 5 * 4)) / 3 }
    }

    private static func sum(shards: Int, ranks: Int, count: Int) throws -> [[Float]] {
        try ThreadRanks.run(ranks) { group in
            let layout = try ShardLayout(shards: shards, rank: group.rank, ranks: ranks)
            let vectors = layout.own.map { shard -> UnsafeMutableBufferPointer<Float> in
                let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
                _ = memory.initialize(fromContentsOf: vector(shard, count))
                return memory
            }
            defer { for vector in vectors { vector.deallocate() } }
            let sum = try ShardSum(vectors, layout, group) { sum, other in
                for index in sum.indices { sum[index] += other[index] }
            }
            try sum.finish()
            return Array(vectors[0])
        }.map { try $0.get() }
    }

    /// Short vectors are sent whole to all processes, long ones in slices.
    @Test(arguments: [1, 3, 1000, 20_001]) func sumsHaveTheSameBits(count: Int) throws {
        for shards in [4, 6, 12] {
            let whole = try Self.sum(shards: shards, ranks: 1, count: count)[0]
            for ranks in [2, 3, 4, 6] where shards % ranks == 0 {
                for sum in try Self.sum(shards: shards, ranks: ranks, count: count) {
                    #expect(sum == whole, "\(shards) shards on \(ranks) ranks")
                }
            }
        }
    }

    @Test(arguments: [2, 3, 5]) func bytesReachAllRanks(ranks: Int) throws {
        let results = ThreadRanks.run(ranks) { group in
            let own = [UInt8](repeating: UInt8(group.rank), count: group.rank * 3)
            let all = try group.gather(own)
            var memory = (0..<1000).map { UInt8(truncatingIfNeeded: group.rank == 0 ? $0 : 0) }
            try memory.withUnsafeMutableBytes { try group.broadcast($0) }
            return (all, memory, try group.broadcast(group.rank == 0 ? [1, 2, 3] : []))
        }
        for result in results {
            let (all, memory, told) = try result.get()
            #expect(all == (0..<ranks).map { [UInt8](repeating: UInt8($0), count: $0 * 3) })
            #expect(memory == (0..<1000).map { UInt8(truncatingIfNeeded: $0) })
            #expect(told == [1, 2, 3])
        }
    }
}
