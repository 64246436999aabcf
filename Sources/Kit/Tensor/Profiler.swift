import Glibc
import KitCore
import Synchronization

/// Records the time of the ops of one thread while it is active, for `dubkit run --profile`.
///
/// An op's forward time begins at the end of the previous record, so the code between ops counts towards the next op.
/// Its backward time is measured around the closure. Flops are those of the plain definition, whatever the algorithm.
/// Bytes are those of inputs, result and gradients, each moved once.
public final class Profiler {
    public enum Phase: String, Sendable { case forward, backward, step }

    public struct Span {
        public let name: String
        public let phase: Phase
        /// The module in which the op ran: "video.blocks.2"; empty if in none.
        public let layer: String
        /// Seconds since the profiler was created.
        public let start: Double
        public let seconds: Double
        public let bytes: Int
        public let flops: Double
    }

    /// What a node keeps for its backward pass.
    struct Work {
        let layer: String
        let elements: Int
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

    public private(set) var spans: [Span] = []
    private let names: [ObjectIdentifier: String]
    private let owner = pthread_self()
    private let origin = SteadyClock.now
    private var layers: [String] = []
    private var mark = 0.0
    /// Above 0 inside a backward closure or a span, which includes the time of the ops in it.
    private var depth = 0

    /// - Parameter names: the names of modules by identity. Ops in other modules count towards the enclosing one.
    public init(names: [ObjectIdentifier: String] = [:]) { self.names = names }

    /// Sets the start of the next op's time to now.
    public func begin() { mark = SteadyClock.now - origin }

    /// Runs the body of a module, whose ops count towards that layer.
    public static func layer<Result>(_ module: AnyObject, _ body: () throws -> Result) rethrows -> Result {
        guard let active, active.isHere, let name = active.names[ObjectIdentifier(module)] else { return try body() }
        active.layers.append(name)
        defer { active.layers.removeLast() }
        return try body()
    }

    /// Measures something that is not an op, such as waiting for a batch.
    public static func span<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        guard let active, active.isHere else { return try body() }
        return try active.timed(name, .step, Work(layer: "", elements: 0, flops: 0), body)
    }

    /// Records an op that has just been computed.
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
        spans.append(
            Span(
                name: name, phase: phase, layer: work.layer, start: start, seconds: end - start,
                bytes: work.elements * 4, flops: work.flops))
        mark = end
    }

    private var isHere: Bool { pthread_equal(owner, pthread_self()) != 0 }
}
