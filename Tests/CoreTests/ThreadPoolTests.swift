import Dispatch
import Glibc
import KitCore
import Synchronization
import Testing

@Suite(.serialized) struct ThreadPoolTests {
    /// Larger than the machine may be, so that several threads take part everywhere.
    private static let pool = ThreadPool(threads: 4)
    private static let largePool = ThreadPool(threads: 64)
    private static let pools = [pool, largePool]
    private var pool: ThreadPool { Self.pool }

    /// How often each index was visited.
    private func visits(_ count: Int, _ run: ((Int) -> Void) -> Void) -> [Int] {
        let visits = UnsafeMutablePointer<Int>.allocate(capacity: max(1, count))
        visits.initialize(repeating: 0, count: max(1, count))
        defer { visits.deallocate() }
        run { visits[$0] += 1 }
        return Array(UnsafeBufferPointer(start: visits, count: count))
    }

    @Test(arguments: pools.indices) func everyTileRunsOnce(pool: Int) {
        for count in [0, 1, 2, 3, 5, 63, 65, 1000] {
            for _ in 0..<50 {
                let visits = visits(count) { Self.pools[pool].forEach(count, $0) }
                #expect(visits == [Int](repeating: 1, count: count))
            }
        }
    }

    @Test func rangesCoverEverythingOnce() {
        for (count, grain) in [(0, 4), (1, 4), (4, 4), (5, 4), (103, 10), (7, 0), (7, -3)] {
            let seen = visits(count) { visit in
                pool.forEachRange(count, grain: grain) { range in
                    #expect(range.count <= max(1, grain) && range.lowerBound % max(1, grain) == 0)
                    range.forEach(visit)
                }
            }
            #expect(seen == [Int](repeating: 1, count: count))
        }
    }

    /// Each tile waits until all have started: serial work would wait in vain.
    private func expectSideBySide(_ pool: ThreadPool, _ count: Int) {
        let started = Atomic<Int>(0)
        let met = Atomic<Int>(0)
        pool.forEach(count) { _ in
            started.wrappingAdd(1, ordering: .sequentiallyConsistent)
            for _ in 0..<10_000 where started.load(ordering: .sequentiallyConsistent) < count { usleep(1000) }
            if started.load(ordering: .sequentiallyConsistent) == count { met.wrappingAdd(1, ordering: .relaxed) }
        }
        #expect(met.load(ordering: .relaxed) == count)
    }

    /// Whether workers spin or sleep between the calls, and whichever of them were idle for long.
    @Test func allThreadsTakePart() {
        for count in [2, 64, 3, 64, 17, 5, 64] {
            expectSideBySide(Self.largePool, count)
            expectSideBySide(pool, min(count, 4))
        }
    }

    @Test func nestedWorkStaysOnItsThread() {
        let strangers = Atomic<Int>(0)
        let seen = visits(8 * 64) { visit in
            pool.forEach(8) { outer in
                let thread = pthread_self()
                pool.forEach(64) { inner in
                    if pthread_equal(thread, pthread_self()) == 0 { strangers.wrappingAdd(1, ordering: .relaxed) }
                    visit(outer * 64 + inner)
                }
            }
        }
        #expect(seen == [Int](repeating: 1, count: 8 * 64))
        #expect(strangers.load(ordering: .relaxed) == 0)
    }

    @Test func seriallyRunsInOrderOnTheCallingThread() {
        var order: [Int] = []
        ThreadPool.serially { pool.forEach(100) { order.append($0) } }
        #expect(order == Array(0..<100))
        // And the pool is used again afterwards.
        expectSideBySide(pool, 2)
    }

    @Test(arguments: pools.indices) func severalThreadsUseOnePool(pool: Int) {
        let pool = Self.pools[pool]
        nonisolated(unsafe) let sums = UnsafeMutablePointer<Int>.allocate(capacity: 6)
        defer { sums.deallocate() }
        DispatchQueue.concurrentPerform(iterations: 6) { user in
            var total = 0
            for round in 0..<200 {
                let sum = Atomic<Int>(0)
                pool.forEach(20) { sum.wrappingAdd($0 + round, ordering: .relaxed) }
                total += sum.load(ordering: .relaxed)
            }
            sums[user] = total
        }
        for user in 0..<6 { #expect(sums[user] == 200 * 190 + 20 * 199 * 100) }
    }

    @Test func threadCountIsLoweredAndRaised() {
        defer { pool.threadCount = 4 }
        pool.threadCount = 1
        var order: [Int] = []
        pool.forEach(50) { order.append($0) }
        #expect(order == Array(0..<50), "one thread works in order")
        pool.threadCount = 0
        #expect(pool.threadCount == 1)
        pool.threadCount = 99
        #expect(pool.threadCount == 4)
        expectSideBySide(pool, 4)
        // Changed between and while others work: every tile still runs once.
        DispatchQueue.concurrentPerform(iterations: 3) { user in
            for round in 0..<200 {
                if user == 0 {
                    pool.threadCount = 1 + round % 4
                } else {
                    #expect(visits(30) { pool.forEach(30, $0) } == [Int](repeating: 1, count: 30))
                }
            }
        }
    }
}
