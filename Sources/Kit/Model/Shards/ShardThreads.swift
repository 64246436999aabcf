import Dispatch
import Glibc
import KitCore
import KitTensor

/// Runs the same work for several shards in one process, each on its own thread. Only one thread runs at a time. The
/// threads take turns where they meet, so the interpreter and the kit's objects see only one thread.
///
/// The thread that runs holds the turn, which guards all variables here.
final class ShardThreads: @unchecked Sendable {
    private let count: Int
    private let wakes: [DispatchSemaphore]
    private let interpreter: (any ScriptTurns)?
    private let profiler = Profiler.active
    /// The shards that can run, in the order of their turns.
    private var ready: [Int] = []
    private var hasEnded: [Bool]
    private var meeting: (label: String, parts: [Int: Any])?
    private var outcome: Result<Any, any Error>?
    private var failure: (any Error)?

    init(_ count: Int) {
        self.count = count
        wakes = (0..<count).map { _ in DispatchSemaphore(value: 0) }
        hasEnded = Array(repeating: false, count: count)
        interpreter = Session.current.interpreter
    }

    /// Runs `body` for each shard and returns the results, in order. Throws the first error of any shard; the others
    /// end where they meet next.
    func run<Value>(_ body: @escaping (_ shard: Int) throws -> Value) throws -> [Value] {
        var values = [Value?](repeating: nil, count: count)
        let (session, step, precision) = (Session.current, StepScope.current, ProductPrecision.current)
        let (place, work) = (interpreter?.leave(), profiler?.leave())
        ready = Array(0..<count)
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let workOn: (Int) -> Void = { [self] index in
                do {
                    profiler?.begin(row: index + 1)
                    try interpreter?.beginTurns()
                    defer { interpreter?.endTurns() }
                    values[index] = try session.run {
                        try StepScope.$current.withValue(step) { try precision.used { try body(index) } }
                    }
                } catch { failure = failure ?? error }
                hasEnded[index] = true
                if let meeting { failure = failure ?? mismatch(meeting.label, index) }
                if failure != nil { wakeAll() }
                passOn()
            }
            let threads = (0..<count).map { index in
                JoinedThread { [self] in
                    wakes[index].wait()
                    workOn(index)
                }
            }
            passOn()
            for thread in threads { thread.join() }
        }
        if let work { profiler?.comeBack(to: work) }
        if let place { interpreter?.comeBack(to: place) }
        if let failure { throw failure }
        return values.map { $0! }
    }

    /// Waits until all shards have reached the same meeting; the last one runs `body` for all of them.
    func meet<Part, Value>(_ shard: Int, _ label: String, _ part: Part, _ body: ([Part]) throws -> Value) throws
        -> Value
    {
        if let failure { throw failure }
        if let meeting, meeting.label != label { throw mismatch(meeting.label, label) }
        if let ended = hasEnded.firstIndex(of: true) { throw mismatch(label, ended) }
        meeting = (label, (meeting?.parts ?? [:]).merging([shard: part]) { $1 })
        if let parts = meeting?.parts, parts.count == count {
            meeting = nil
            outcome = Result { try body((0..<count).map { parts[$0] as! Part }) }
            ready = Array(0..<count)
        }
        let (place, work) = (interpreter?.leave(), profiler?.leave())
        passOn()
        wakes[shard].wait()
        if let work { profiler?.comeBack(to: work) }
        if let place { interpreter?.comeBack(to: place) }
        if let failure { throw failure }
        return try outcome!.get() as! Value
    }

    /// Lets the next shard run.
    private func passOn() {
        if !ready.isEmpty { wakes[ready.removeFirst()].signal() }
    }

    /// Wakes all shards that wait, so that they learn that the step has failed.
    private func wakeAll() {
        meeting = nil
        ready = (0..<count).filter { !hasEnded[$0] }
    }

    private func mismatch(_ label: String, _ ended: Int) -> KitError {
        .usage(
            "step: one shard ended while another reached '\(label)': a step must do the same for every shard of a batch"
        )
    }

    private func mismatch(_ one: String, _ other: String) -> KitError {
        .usage(
            "step: one shard reached '\(one)' while another reached '\(other)': a step must do the same for every shard of a batch"
        )
    }
}

/// A thread that can be joined. Once joined, it no longer holds any references.
private final class JoinedThread {
    private static let stackBytes = 16 << 20
    private var thread = pthread_t()

    init(_ body: @escaping () -> Void) {
        let body = Unmanaged.passRetained(Body(body)).toOpaque()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        let code = pthread_create(
            &thread, &attributes,
            { body in
                Unmanaged<Body>.fromOpaque(body!).takeRetainedValue().run()
                return nil
            }, body)
        pthread_attr_destroy(&attributes)
        precondition(code == 0, "cannot start a thread")
    }

    func join() { pthread_join(thread, nil) }

    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }
}
