import Synchronization

/// Everything that belongs to one piece of work with the kit, such as the run of a recipe or a prompt: the keys of its recipe,
/// the settings of its command line, its seeds, its profiler.
///
/// Work runs inside a session and finds it in `Session.current`:
///
///     try Session(configuration: configuration).run { try state.run(file: "recipe.lua") }
///
/// Sessions on different threads know nothing of each other, so that tests can run side by side. Threads that the kit starts
/// to compute or to read have no session of their own: they are given what they need as values.
public final class Session: Sendable {
    /// The innermost session that this thread runs; outside of any, that of the process.
    @TaskLocal public static var current = Session()

    /// The keys of the recipe that runs.
    public var configuration: ResolvedConfiguration {
        get { self[Configuration.self].value }
        set { self[Configuration.self].value = newValue }
    }

    private let parts = Mutex<[ObjectIdentifier: any SessionPart]>([:])

    /// - Parameter configuration: what the command line and the user's file set; nothing by default.
    public init(configuration: ResolvedConfiguration = ResolvedConfiguration()) { self.configuration = configuration }

    /// Runs `body` with this session as `current`.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.$current.withValue(self, operation: body)
    }

    /// What one file of the kit keeps in this session, made when it is first asked for.
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
/// Only the thread that runs the session uses it, so a part with variables says `@unchecked Sendable`.
public protocol SessionPart: AnyObject, Sendable {
    init()
}
