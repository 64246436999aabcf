import Glibc
import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP, as a flag that long native work looks at.
///
/// Outside a graceful section the first signal makes the next `check` throw. Inside one (a training run) the first
/// signal only asks: the run finishes its step, writes a checkpoint and stops; the second makes `check` throw.
public enum Interrupt {
    private static let signals = Atomic<Int>(0)
    private static let gracefulDepth = Atomic<Int>(0)
    private static let interactive = Atomic<Bool>(false)

    /// At a prompt Ctrl-C stops at once whatever runs, training too, and never ends the process, however often it is pressed.
    public static var isInteractive: Bool {
        get { interactive.load(ordering: .relaxed) }
        set { interactive.store(newValue, ordering: .relaxed) }
    }

    /// Notes one signal; returns how many there were since the last `clear`. Safe to call from a signal handler.
    @discardableResult
    public static func request() -> Int { signals.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }

    /// Forgets all signals: called when one has been acted on, as when the REPL shows its next prompt.
    public static func clear() { signals.store(0, ordering: .sequentiallyConsistent) }

    /// Whether any signal came since the last `clear`.
    public static var isRequested: Bool { signals.load(ordering: .relaxed) > 0 }

    /// Whether work must be abandoned now.
    public static var mustStop: Bool {
        signals.load(ordering: .relaxed) > (gracefulDepth.load(ordering: .relaxed) > 0 && !isInteractive ? 1 : 0)
    }

    /// Throws if work must be abandoned, for a signal or since memory could not be had. Called between layers, frames and
    /// records: at least ten times a second.
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
