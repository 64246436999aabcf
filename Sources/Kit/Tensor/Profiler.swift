import Glibc
import KitCore
import Synchronization

/// Records the time of ops while it is active, for `dubkit run --profile`: those of the thread that made it, and of the
/// threads that take turns with that thread (the shards of a step).
///
/// An op's forward time begins at the end of the previous record, so the code between ops counts towards the next op.
/// Its backward time is measured around the closure. Flops are those of the plain definition, whatever the algorithm.
/// Bytes are those of inputs, result and gradients, each moved once.
///
/// Every moment counts towards one record at most: neither the time in which a thread waits for its turn nor a span
/// inside an op counts towards that op.
public final class Profiler {
    public enum Phase: String, Sendable {
        case forward, backward, step
        /// A thread waited while others had their turn. It is not part of the step's time.
        case wait
    }

    public struct Span {
        public let name: String
        public let phase: Phase
        /// The module in which the op ran: "video.blocks.2"; empty if in none.
        public let layer: String
        /// The row of a trace: 0 for the thread that made the profiler, from 1 for the shards.
        public let row: Int
        /// Seconds since the profiler was created.
        public let start: Double
        public let end: Double
        /// The seconds from start to end, less those of waiting and of spans in between.
        public let seconds: Double
        public let bytes: Int
        public let flops: Double
    }

    /// What a node keeps for its backward pass.
    struct Work {
        let layer: String
        let bytes: Int
        let flops: Double
    }

    /// The profiler of the current session; nil most of the time.
    public static var active: Profiler? {
        get { activeCount.load(ordering: .relaxed) == 0 ? nil : Session.current[Slot.self].profiler }
        set {
            let slot = Session.current[Slot.self]
            let change = (newValue == nil ? 0 : 1) - (slot.profiler == nil ? 0 : 1)
            slot.profiler = newValue
            activeCount.wrappingAdd(change, ordering: .relaxed)
        }
    }

    private final class Slot: SessionPart, @unchecked Sendable {
        var profiler: Profiler?
    }

    /// The number of active profilers in all sessions. While it is 0, as in nearly every run, ops do not look for one.
    private static let activeCount = Atomic<Int>(0)

    /// A moment of a thread.
    fileprivate struct Moment {
        /// Seconds since the profiler was created.
        var time = 0.0
        /// The seconds until then that do not count towards the thread's ops: it waited, or they have a record of their
        /// own.
        var away = 0.0
    }

    /// The state of one of the threads that take turns.
    fileprivate struct Lane {
        let row: Int
        var layers: [String] = []
        /// Above 0 inside a backward closure or a span, which includes the time of the ops in it.
        var depth = 0
        /// The end of the previous record.
        var mark = Moment()
        var away = 0.0
    }

    /// The state of a thread that has given up its turn.
    package struct Place {
        fileprivate let lane: Lane
        fileprivate let since: Moment
    }

    public private(set) var spans: [Span] = []
    private let names: [ObjectIdentifier: String]
    private let origin = SteadyClock.now
    /// The thread that has the turn, and its state.
    private var owner = pthread_self()
    private var lane = Lane(row: 0)

    /// - Parameter names: the names of modules by identity. Ops in other modules count towards the enclosing one.
    public init(names: [ObjectIdentifier: String] = [:]) { self.names = names }

    /// Sets the start of the next op's time to now.
    public func begin() { lane.mark = now }

    /// Runs the body of a module, whose ops count towards that layer.
    public static func layer<Result>(_ module: AnyObject, _ body: () throws -> Result) rethrows -> Result {
        guard let active, active.isHere, let name = active.names[ObjectIdentifier(module)] else {
            return try GraphTape.layer(module, body)
        }
        active.lane.layers.append(name)
        defer { active.lane.layers.removeLast() }
        return try body()
    }

    /// Measures something that is not an op, such as waiting for a batch. The next op's time begins after it.
    public static func span<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        try measure(name, body) { profiler, start in
            if profiler.lane.depth == 0 { profiler.lane.mark = profiler.now } else { profiler.leaveOut(since: start) }
        }
    }

    /// Measures a part of an op by itself, such as an exchange with other processes. It does not count towards the op.
    package static func part<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        try measure(name, body) { profiler, start in profiler.leaveOut(since: start) }
    }

    private static func measure<Result>(
        _ name: String, _ body: () throws -> Result, then finish: (Profiler, Moment) -> Void
    ) rethrows -> Result {
        guard let active, active.isHere else { return try body() }
        let start = active.now
        active.lane.depth += 1
        defer {
            active.lane.depth -= 1
            active.add(name, .step, Work(layer: "", bytes: 0, flops: 0), from: start)
            finish(active, start)
        }
        return try body()
    }

    /// Records an op that has just been computed.
    func note(_ name: String, _ inputs: [Tensor], _ result: Tensor, flops: Double) -> Work? {
        guard isHere, lane.depth == 0 else { return nil }
        let bytes = inputs.reduce(result.bytes) { $0 + $1.bytes }
        let work = Work(layer: lane.layers.last ?? "", bytes: bytes, flops: flops)
        lane.mark = add(name, .forward, work, from: lane.mark)
        return work
    }

    func backward<Result>(_ name: String, _ work: Work, _ body: () throws -> Result) rethrows -> Result {
        guard isHere else { return try body() }
        let start = now
        lane.depth += 1
        defer {
            lane.depth -= 1
            if lane.depth == 0 { lane.mark = add(name, .backward, work, from: start) }
        }
        return try body()
    }

    /// Gives up this thread's turn. The thread that has it next calls `begin(row:)` or `comeBack`.
    package func leave() -> Place { Place(lane: lane, since: now) }

    /// Begins the first turn of another thread, which records in this row of the trace.
    package func begin(row: Int) {
        (owner, lane) = (pthread_self(), Lane(row: row))
        begin()
    }

    /// Continues this thread's work when it has its turn again.
    package func comeBack(to place: Place) {
        (owner, lane) = (pthread_self(), place.lane)
        add("wait for its turn", .wait, Work(layer: "", bytes: 0, flops: 0), from: place.since)
        leaveOut(since: place.since)
    }

    private var now: Moment { Moment(time: SteadyClock.now - origin, away: lane.away) }

    /// Leaves the time since a moment of this thread out of the op that it is in.
    private func leaveOut(since start: Moment) { lane.away = start.away + now.time - start.time }

    /// Records the time from a moment of this thread until now.
    @discardableResult
    private func add(_ name: String, _ phase: Phase, _ work: Work, from start: Moment) -> Moment {
        let end = now
        let seconds = (end.time - start.time) - (end.away - start.away)
        spans.append(
            Span(
                name: name, phase: phase, layer: work.layer, row: lane.row, start: start.time, end: end.time,
                seconds: seconds, bytes: work.bytes, flops: work.flops))
        return end
    }

    private var isHere: Bool { pthread_equal(owner, pthread_self()) != 0 }
}
