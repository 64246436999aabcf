import KitCore
import KitTensor
import TestSupport
import Testing

@Suite(.serialized, .alone("counts the memory of tensors")) struct BufferPoolTests {
    /// Blocks from a few bytes to tens of MB, so that small and large ones and growth all occur.
    private func randomCount(_ random: inout RandomStream) -> Int {
        1 << random.index(below: 22) | random.index(below: 4096)
    }

    @Test func blocksThatAreAliveNeverOverlap() {
        let pool = BufferPool()
        var random = RandomStream(seed: 3)
        var alive: [(Storage, Float)] = []
        for step in 0..<2000 {
            if alive.count < 40, random.index(below: 2) == 0 {
                let block = Storage(count: randomCount(&random), pool: pool)
                let mark = Float(step)
                block.pointer.update(repeating: mark, count: block.count)
                #expect(Int(bitPattern: block.pointer) % 64 == 0)
                alive.append((block, mark))
            } else if !alive.isEmpty {
                let (block, mark) = alive.remove(at: random.index(below: alive.count))
                #expect((0..<block.count).allSatisfy { block.pointer[$0] == mark })
            }
        }
        #expect(pool.bytesInUse >= alive.reduce(0) { $0 + $1.0.count * 4 })
        alive = []
        #expect(pool.bytesInUse == 0)
        pool.trim()
        #expect(pool.bytesKept == 0)
    }

    @Test func oneLargeBlockServesSeveralSmallerOnesAndTheOtherWayRound() {
        let pool = BufferPool()
        let large = 8 << 20
        withExtendedLifetime(Storage(count: large, pool: pool)) {}
        let whole = pool.bytesKept
        withExtendedLifetime((0..<8).map { _ in Storage(count: large / 8, pool: pool) }) { blocks in
            #expect(pool.bytesInUse + pool.bytesKept == whole)
            #expect(blocks.count == 8)
        }
        withExtendedLifetime(Storage(count: large, pool: pool)) {}
        #expect(pool.bytesKept == whole, "the parts did not join")
    }

    @Test func isUsableAfterTrim() {
        let pool = BufferPool()
        for count in [100, 1 << 20, 3 << 20] {
            let kept = Storage(count: 1 << 20, pool: pool)
            kept.pointer.update(repeating: 7, count: kept.count)
            withExtendedLifetime(Storage(count: count, pool: pool)) {}
            pool.trim()
            #expect(pool.bytesKept == 0)
            let next = Storage(count: count, pool: pool)
            next.pointer.update(repeating: 1, count: count)
            #expect((0..<kept.count).allSatisfy { kept.pointer[$0] == 7 })
        }
    }

    @Test func zerosTakeMemoryOnceTheyAreNeeded() {
        let before = BufferPool.shared.bytesInUse
        let zeros = Tensor(zerosOnceNeeded: [1 << 16, 3])
        #expect(zeros.shape == [1 << 16, 3] && BufferPool.shared.bytesInUse == before)
        #expect(zeros.values.allSatisfy { $0 == 0 })
        zeros.pointer[5] = 2
        #expect(zeros.values[5] == 2 && zeros.values[6] == 0)
    }
}
