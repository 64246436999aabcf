import Synchronization

/// The state of one piece of work with the kit, such as the run of a recipe or a prompt: the keys of the recipe, the
/// settings of the command line, the seeds and the profiler.
///
/// Work runs inside a session and finds it in `Session.current`:
///
///     try Session(configuration: configuration).run { try state.run(file: "recipe.lua") }
///
/// Sessions on different threads are independent, so that tests can run in parallel. The kit's own worker threads have
/// no session: they get what they need as values.
public final class Session: Sendable {
    /// The innermost session that this thread runs, or else one of the thread's own.
    public static var current: Session {
        if let running { return running }
        if let pointer = ofThread.pointer { return Unmanaged.fromOpaque(pointer).takeUnretainedValue() }
        let session = Session()
        ofThread.pointer = Unmanaged.passRetained(session).toOpaque()
        return session
    }

    @TaskLocal private static var running: Session?
    private static let ofThread = ThreadLocal { Unmanaged<Session>.fromOpaque($0!).release() }

    /// The keys of the recipe that runs.
    public var configuration: ResolvedConfiguration {
        get { self[Configuration.self].value }
        set { self[Configuration.self].value = newValue }
    }

    private let parts = Mutex<[ObjectIdentifier: any SessionPart]>([:])

    /// - Parameter configuration: the settings of the command line and the user's file; empty by default.
    public init(configuration: ResolvedConfiguration = ResolvedConfiguration()) { self.configuration = configuration }

    /// Runs `body` with this session as `current`.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.$running.withValue(self, operation: body)
    }

    /// The part of this session that belongs to one file of the kit. It is created on first use.
    public subscript<Part: SessionPart>(_ type: Part.Type) -> Part {
        parts.withLock { parts in
            if let part = parts[ObjectIdentifier(type)] as? Part { return part }
            let part = Part()
            parts[ObjectIdentifier(type)] = part
            return part
        }
    }

    private final class Configuration: SessionPart, @unchecked Sendable {
        var value = ResolvedConfiguration()
    }
}

/// State of a session, private to the file that declares it.
///
/// Only the thread that runs the session uses it, so a part with variables is marked `@unchecked Sendable`.
public protocol SessionPart: AnyObject, Sendable {
    init()
}
