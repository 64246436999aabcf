import Glibc
import Synchronization

/// Runs all parallel work of the program. Ops split their work into tiles and pass them to it.
///
/// The borders of tiles and the order in which partial results are combined must depend only on shapes, never on the
/// number of threads. Results then have the same bits at any thread count.
public final class ThreadPool: @unchecked Sendable {
    /// The shared pool, with `ThreadCount.default` threads.
    public static let shared = ThreadPool(threads: ThreadCount.default)

    private let workers: Workers
    /// Held by the one call that the workers are helping.
    private let submission = Mutex(())
    private let limit: Atomic<Int>

    /// The number of threads that take part, including the caller. Can be set to any number up to the pool's size.
    public var threadCount: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(min(max(1, newValue), workers.count + 1), ordering: .relaxed) }
    }

    public init(threads: Int) {
        workers = Workers(max(0, threads - 1))
        limit = Atomic(workers.count + 1)
    }

    /// Calls `body(0)` ... `body(count - 1)`, spread over the threads, and returns when all are done. If memory runs
    /// out, the rest is skipped: see `MemoryShortage`.
    ///
    /// Runs only on the calling thread if it is nested in another call, or if the pool is busy with another thread's
    /// work.
    public func forEach(_ count: Int, _ body: (Int) -> Void) {
        let threads = threadCount
        if count > 1, threads > 1, !Self.serialFlag.isSet, !MemoryShortage.isPending,
            submission.withLockIfAvailable({ _ in share(count, threads, body) }) != nil
        {
            return
        }
        for index in 0..<count {
            if Self.isAbandoned { return }
            body(index)
        }
    }

    /// Spreads a call over this thread and some workers. The caller must hold `submission`.
    private func share(_ count: Int, _ threads: Int, _ body: (Int) -> Void) {
        let mayStop = Self.abandonableFlag.isSet
        // The size of a tile's failed allocation; 0 if none failed.
        let lacking = Atomic<Int>(0)
        let next = Atomic<Int>(0)
        workers.help(min(threads, count) - 1, spinning: threads <= ThreadCount.usable) {
            Self.serially {
                Self.abandonableFlag.with(mayStop) {
                    while true {
                        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                        if index >= count || lacking.load(ordering: .relaxed) > 0 || mayStop && Interrupt.mustStop {
                            return
                        }
                        body(index)
                        if let bytes = MemoryShortage.take() { lacking.store(bytes, ordering: .relaxed) }
                    }
                }
            }
        }
        let bytes = lacking.load(ordering: .relaxed)
        if bytes > 0 { MemoryShortage.note(bytes) }
    }

    /// Splits 0..<count into ranges of `grain` (the last may be shorter) and calls `body` for each.
    public func forEachRange(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        guard count > 0 else { return }
        let grain = max(1, grain)
        forEach((count - 1) / grain + 1) { body($0 * grain..<min(count - $0 * grain, grain) + $0 * grain) }
    }

    /// Runs `body` so that every `forEach` inside stays on the calling thread. For threads that run at the same time as
    /// the training step.
    public static func serially<Result>(_ body: () throws -> Result) rethrows -> Result {
        try serialFlag.with(true, body)
    }

    /// Runs `body` so that every `forEach` inside skips the rest of its work after an interrupt. Then it throws, so
    /// that nobody sees incomplete results. Only for work that writes to new memory.
    public static func abandonable<Result>(_ body: () throws -> Result) throws -> Result {
        let result = try abandonableFlag.with(true, body)
        try Interrupt.check()
        return result
    }

    /// Runs `body` to its end even inside an abandonable call, for results that are kept.
    public static func whole<Result>(_ body: () throws -> Result) rethrows -> Result {
        try abandonableFlag.with(false, body)
    }

    /// Whether the rest of the work on this thread should be skipped. Long bodies of `forEach` check it.
    public static var isAbandoned: Bool {
        MemoryShortage.isPending || abandonableFlag.isSet && Interrupt.mustStop
    }

    private static let abandonableFlag = ThreadFlag()
    private static let serialFlag = ThreadFlag()
}
