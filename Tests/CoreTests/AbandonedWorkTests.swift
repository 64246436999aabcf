import Kit
import Synchronization
import TestSupport
import Testing

/// Work that an interrupt abandons. The tests run one after the other, since an interrupt affects the whole process.
@Suite(.serialized, .alone("Ctrl-C")) struct AbandonedWorkTests {
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

    /// The prompt forgets the interrupt while another thread is still in the work that it left undone.
    @Test(arguments: [1, 4]) func aForgottenInterruptIsStillThrown(threads: Int) throws {
        defer { Interrupt.clear() }
        let pool = ThreadPool(threads: threads)
        #expect(throws: KitError(.interrupted, "interrupted")) {
            try ThreadPool.abandonable {
                pool.forEach(1000) { if $0 == 3 { Interrupt.request() } }
                Interrupt.clear()
                pool.forEach(1000) { _ in Issue.record("no further work may begin") }
            }
        }
        let done = Atomic<Int>(0)
        try ThreadPool.abandonable { pool.forEach(1000) { _ in done.wrappingAdd(1, ordering: .relaxed) } }
        #expect(done.load(ordering: .relaxed) == 1000)
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

    /// A product takes long in one tile: it looks in between, and leaves what is not begun.
    @Test func aProductIsAbandonedPieceByPiece() throws {
        let a = Tensor(repeating: 1, [64, 64])
        var c = [Float](repeating: -1, count: 64 * 64)
        func multiply() {
            c.withUnsafeMutableBufferPointer {
                Gemm.multiplySerially(
                    Gemm.Factor(a.pointer, step: 64), Gemm.Factor(a.pointer, step: 64), into: $0.baseAddress!, step: 64,
                    m: 64, n: 64, k: 64, precision: .float32)
            }
        }
        defer { Interrupt.clear() }
        Interrupt.request()
        #expect(throws: KitError.self) { try ThreadPool.abandonable(multiply) }
        #expect(c.allSatisfy { $0 == -1 })
        multiply()
        #expect(c.allSatisfy { $0 == 64 })
    }

    @Test func bodiesOnOtherThreadsKnowThatTheirWorkIsAbandoned() throws {
        defer { Interrupt.clear() }
        let known = Atomic<Int>(0)
        let pool = ThreadPool(threads: 4)
        #expect(throws: KitError.self) {
            try ThreadPool.abandonable {
                pool.forEach(4) { _ in
                    Interrupt.request()
                    if ThreadPool.isAbandoned { known.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        }
        #expect(known.load(ordering: .relaxed) >= 1)
        pool.forEach(4) { _ in if ThreadPool.isAbandoned { known.store(-100, ordering: .relaxed) } }
        #expect(known.load(ordering: .relaxed) >= 1)
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
