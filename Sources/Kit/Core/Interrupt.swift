import Glibc
import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP, as a flag that long native work checks.
///
/// Outside a graceful section the first signal makes the next `check` throw. Inside one (a training run) the first
/// signal only asks: the run finishes its step, writes a checkpoint and stops; the second makes `check` throw.
public enum Interrupt {
    private static let signals = Atomic<Int>(0)
    private static let gracefulDepth = Atomic<Int>(0)
    private static let interactive = Atomic<Bool>(false)

    /// At the prompt, Ctrl-C stops whatever is running at once, training included, and never ends the process.
    public static var isInteractive: Bool {
        get { interactive.load(ordering: .relaxed) }
        set { interactive.store(newValue, ordering: .relaxed) }
    }

    /// Counts a signal and returns the number since the last `clear`. Safe to call from a signal handler.
    @discardableResult
    public static func request() -> Int { signals.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }

    /// Resets the count, once a signal has been acted on: for example when the next prompt is shown.
    public static func clear() { signals.store(0, ordering: .sequentiallyConsistent) }

    /// Whether a signal has arrived since the last `clear`.
    public static var isRequested: Bool { signals.load(ordering: .relaxed) > 0 }

    /// Whether work must be abandoned now.
    public static var mustStop: Bool {
        signals.load(ordering: .relaxed) > (gracefulDepth.load(ordering: .relaxed) > 0 && !isInteractive ? 1 : 0)
    }

    /// Throws if work must be abandoned because of a signal or because memory ran out. Long work calls it between
    /// layers, frames and records, at least ten times a second.
    public static func check() throws {
        try MemoryShortage.check()
        if mustStop { throw KitError(.interrupted, "interrupted") }
    }

    /// Runs `body` as a graceful section.
    public static func gracefully<Result>(_ body: () throws -> Result) rethrows -> Result {
        gracefulDepth.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer { gracefulDepth.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
        return try body()
    }
}
