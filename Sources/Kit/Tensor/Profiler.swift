import Glibc
import KitCore
import Synchronization

/// Notes what the ops of one thread take while it is active: for `dubkit run --profile`.
///
/// An op's forward time runs from the end of what was noted before it, so the glue between ops counts as the next op's;
/// its backward time is measured around the closure. Flops are those of the plain definition, whatever the algorithm;
/// bytes those of inputs, result and gradients, each moved once.
public final class Profiler {
    public enum Phase: String, Sendable { case forward, backward, step }

    public struct Event {
        public let name: String
        public let phase: Phase
        /// The module in which the op ran: "video.blocks.2"; empty outside of all.
        public let layer: String
        /// Seconds, from when the profiler was made.
        public let start: Double
        public let seconds: Double
        public let bytes: Int
        public let flops: Double
    }

    /// What a record keeps for its backward pass.
    struct Work {
        let layer: String
        let elements: Int
        let flops: Double
    }

    /// The profiler that notes the ops of the current session; nil most of the time.
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

    /// In all sessions: while there are none, as in nearly every run, an op asks no session.
    private static let activeCount = Atomic<Int>(0)

    public private(set) var events: [Event] = []
    private let names: [ObjectIdentifier: String]
    private let owner = pthread_self()
    private let origin = SteadyClock.now
    private var layers: [String] = []
    private var mark = 0.0
    /// Inside a backward closure or a span: what ops note there is part of it.
    private var depth = 0

    /// - Parameter names: of the modules, by identity; ops in others count as their surroundings'.
    public init(names: [ObjectIdentifier: String] = [:]) { self.names = names }

    /// Starts to count here: the next op's time runs from now.
    public func begin() { mark = SteadyClock.now - origin }

    /// Runs the body of a module, whose ops count as that layer's.
    public static func layer<Result>(_ module: AnyObject, _ body: () throws -> Result) rethrows -> Result {
        guard let active, active.isHere, let name = active.names[ObjectIdentifier(module)] else { return try body() }
        active.layers.append(name)
        defer { active.layers.removeLast() }
        return try body()
    }

    /// Times something that is no op, such as waiting for a batch.
    public static func span<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        guard let active, active.isHere else { return try body() }
        return try active.timed(name, .step, Work(layer: "", elements: 0, flops: 0), body)
    }

    /// An op that has just been computed.
    func note(_ name: String, _ inputs: [Tensor], _ result: Tensor, flops: Double) -> Work? {
        guard isHere, depth == 0 else { return nil }
        let elements = inputs.reduce(result.count) { $0 + $1.count }
        let work = Work(layer: layers.last ?? "", elements: elements, flops: flops)
        let end = SteadyClock.now - origin
        add(name, .forward, work, from: mark, to: end)
        return work
    }

    func backward<Result>(_ name: String, _ work: Work, _ body: () throws -> Result) rethrows -> Result {
        try timed(name, .backward, work, body)
    }

    private func timed<Result>(_ name: String, _ phase: Phase, _ work: Work, _ body: () throws -> Result) rethrows
        -> Result
    {
        let start = SteadyClock.now - origin
        depth += 1
        defer {
            depth -= 1
            if depth == 0 { add(name, phase, work, from: start, to: SteadyClock.now - origin) }
        }
        return try body()
    }

    private func add(_ name: String, _ phase: Phase, _ work: Work, from start: Double, to end: Double) {
        events.append(
            Event(
                name: name, phase: phase, layer: work.layer, start: start, seconds: end - start,
                bytes: work.elements * 4, flops: work.flops))
        mark = end
    }

    private var isHere: Bool { pthread_equal(owner, pthread_self()) != 0 }
}
