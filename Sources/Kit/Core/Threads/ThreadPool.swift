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
        if Self.isAbandoned { return }
        let threads = threadCount
        if count > 1, threads > 1, !Self.serialFlag.isSet,
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
        let mayStop = Self.fate != .whole
        let isLeft = Atomic<Bool>(false)
        // The size of a tile's failed allocation; 0 if none failed.
        let lacking = Atomic<Int>(0)
        let next = Atomic<Int>(0)
        workers.help(min(threads, count) - 1, spinning: threads <= ThreadCount.usable) {
            Self.serially {
                Self.withFate(mayStop ? .abandonable : .whole) {
                    while true {
                        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                        if index >= count || lacking.load(ordering: .relaxed) > 0 { return }
                        if Self.isInterrupted || isLeft.load(ordering: .relaxed) {
                            return isLeft.store(true, ordering: .relaxed)
                        }
                        body(index)
                        if Self.isInterrupted { isLeft.store(true, ordering: .relaxed) }
                        if let bytes = MemoryShortage.take() { lacking.store(bytes, ordering: .relaxed) }
                    }
                }
            }
        }
        if isLeft.load(ordering: .relaxed) { Self.fate = .abandoned }
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
        try withFate(.abandonable) {
            let result = try body()
            // The interrupt may be forgotten by now, for example because another prompt is shown.
            if fate == .abandoned { throw KitError(.interrupted, "interrupted") }
            try Interrupt.check()
            return result
        }
    }

    /// Runs `body` to its end even inside an abandonable call, for results that are kept.
    public static func whole<Result>(_ body: () throws -> Result) rethrows -> Result {
        try withFate(.whole, body)
    }

    /// Whether the rest of the work on this thread should be skipped. Long bodies of `forEach` check it.
    public static var isAbandoned: Bool { MemoryShortage.isPending || isInterrupted }

    /// True once an interrupt has stopped the abandonable work of this thread, until that work has thrown.
    private static var isInterrupted: Bool {
        guard fate == .abandonable, Interrupt.mustStop else { return fate == .abandoned }
        fate = .abandoned
        return true
    }

    /// The effect of interrupts on the work of a thread.
    private enum Fate: Int {
        case whole
        case abandonable
        case abandoned
    }

    private static var fate: Fate {
        get { Fate(rawValue: Int(bitPattern: fateBits.pointer))! }
        set { fateBits.pointer = UnsafeMutableRawPointer(bitPattern: newValue.rawValue) }
    }

    private static func withFate<Result>(_ fate: Fate, _ body: () throws -> Result) rethrows -> Result {
        try fateBits.with(UnsafeMutableRawPointer(bitPattern: fate.rawValue), body)
    }

    private static let fateBits = ThreadLocal()
    private static let serialFlag = ThreadFlag()
}
