import Kit
import Synchronization
import Testing

/// What an interrupt leaves undone. One after the other: the interrupt is the process's.
@Suite(.serialized) struct AbandonedWorkTests {
    private func count(threads: Int, _ run: (ThreadPool, @escaping (Int) -> Void) throws -> Void) throws -> Int {
        let done = Atomic<Int>(0)
        try run(ThreadPool(threads: threads)) { index in
            if index == 3 { Interrupt.request() }
            done.wrappingAdd(1, ordering: .relaxed)
        }
        return done.load(ordering: .relaxed)
    }

    @Test(arguments: [1, 4]) func abandonableWorkStopsAndThrows(threads: Int) throws {
        defer { Interrupt.clear() }
        let done = try count(threads: threads) { pool, body in
            #expect(throws: KitError(.interrupted, "interrupted")) {
                try ThreadPool.abandonable { pool.forEach(100_000, body) }
            }
        }
        #expect((4..<100_000).contains(done))
    }

    @Test(arguments: [1, 4]) func otherWorkIsDoneToTheEnd(threads: Int) throws {
        defer { Interrupt.clear() }
        #expect(try count(threads: threads) { $0.forEach(1000, $1) } == 1000)
        Interrupt.clear()
        let kept = try count(threads: threads) { pool, body in
            #expect(throws: KitError.self) {
                try ThreadPool.abandonable { ThreadPool.whole { pool.forEach(1000, body) } }
            }
        }
        #expect(kept == 1000)
    }

    @Test func aGracefulSectionAbandonsAtTheSecondSignalUnlessSomebodySitsThere() throws {
        defer {
            Interrupt.clear()
            Interrupt.isInteractive = false
        }
        Interrupt.request()
        Interrupt.gracefully { #expect(!Interrupt.mustStop) }
        Interrupt.isInteractive = true
        Interrupt.gracefully { #expect(Interrupt.mustStop) }
    }
}
