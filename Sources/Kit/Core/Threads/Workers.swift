import Dispatch
import Glibc
import Synchronization

/// The threads of a pool, which help with one task at a time.
///
/// A worker joins a task and leaves it with one atomic operation each, because many workers would queue for a lock. They
/// sleep between tasks and wake each other: the caller wakes some workers, and each of these wakes others. So a large
/// pool starts in few steps, and no more workers wake than find a processor before the task is over.
final class Workers: @unchecked Sendable {
    /// The number of workers.
    private(set) var count = 0
    private let workers: [Worker]
    /// See `State`.
    private let state = Atomic<UInt64>(0)
    /// Changes only while no worker is active.
    private var task: (() -> Void)?
    private let isSpinning = Atomic<Bool>(false)
    private let lock = ConditionLock()
    /// No worker is active any more.
    private let finished: ConditionLock.Condition
    /// How many others each thread wakes.
    private static let branches = 4

    /// Starts some threads: fewer than asked for if the system refuses more.
    init(_ wanted: Int) {
        workers = (0..<wanted).map(Worker.init)
        finished = ConditionLock.Condition(lock)
        while count < wanted, start(workers[count]) { count += 1 }
    }

    /// Runs `task` on the calling thread and on some workers, and returns when all of them are done. Workers that come
    /// late do not take part. Only one thread at a time may call this.
    ///
    /// - Parameters:
    ///   - helpers: the largest number of workers that take part.
    ///   - spinning: whether threads wait for each other busily for a moment, before they sleep. This helps if there is a
    ///     core for each thread, and harms otherwise.
    func help(_ helpers: Int, spinning: Bool, _ task: () -> Void) {
        isSpinning.store(spinning, ordering: .relaxed)
        withoutActuallyEscaping(task) { task in
            self.task = task
            let opened = State(state.load(ordering: .relaxed)).next(helpers: min(helpers, count))
            state.store(opened.bits, ordering: .sequentiallyConsistent)
            wakeBranch(of: 0, opened)
            task()
            state.bitwiseAnd(~State.openBit, ordering: .sequentiallyConsistent)
            if spinning { Self.spin { isActive } }
            if isActive { lock.withLock { while isActive { finished.wait() } } }
            self.task = nil
        }
    }

    private var isActive: Bool { State(state.load(ordering: .acquiring)).active > 0 }

    /// - Parameter node: 0 for the caller, i + 1 for worker i.
    private func wakeBranch(of node: Int, _ state: State) {
        let first = node * Self.branches
        guard first < state.helpers else { return }
        for index in first..<min(first + Self.branches, state.helpers) { workers[index].wake() }
    }

    private func start(_ worker: Worker) -> Bool {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Start(workers: self, worker: worker))
        let status = pthread_create(
            &thread, nil,
            { context in
                let start = Unmanaged<Start>.fromOpaque(context!).takeRetainedValue()
                start.workers.work(as: start.worker)
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func work(as worker: Worker) -> Never {
        var seen = State(0).generation
        func current() -> State { State(state.load(ordering: .sequentiallyConsistent)) }
        while true {
            if isSpinning.load(ordering: .relaxed) { Self.spin { current().generation == seen } }
            worker.sleep { current().generation == seen }
            let state = current()
            seen = state.generation
            guard state.isOpen, worker.index < state.helpers else { continue }
            wakeBranch(of: worker.index + 1, state)
            guard join(seen) else { continue }
            runTask()
            let left = State(self.state.wrappingSubtract(1, ordering: .releasing).newValue)
            if left.active == 0, !left.isOpen { lock.withLock { finished.signal() } }
        }
    }

    /// Not inlined, so that the closure is released before this worker leaves the task: `help` may not return earlier.
    @inline(never)
    private func runTask() { task?() }

    /// Becomes active in a task, unless it is over.
    private func join(_ generation: UInt64) -> Bool {
        var bits = state.load(ordering: .relaxed)
        while State(bits).isOpen, State(bits).generation == generation {
            let (isDone, original) = state.weakCompareExchange(
                expected: bits, desired: bits + 1, successOrdering: .acquiring, failureOrdering: .relaxed)
            if isDone { return true }
            bits = original
        }
        return false
    }

    /// Busy-waits while a condition holds, for some tens of microseconds at most, and yields to other threads. The next
    /// op usually follows within microseconds, and sleeping and waking would take as long as many ops. (This saves 8 %
    /// of the inference of one clip through resnet50, and 3 % of a training step.)
    private static func spin(while isWaiting: () -> Bool) {
        var left = 100
        while left > 0, isWaiting() {
            sched_yield()
            left -= 1
        }
    }

    /// A task and its workers, in one word.
    private struct State {
        /// Set while workers may join.
        static let openBit: UInt64 = 1 << 16
        let bits: UInt64

        init(_ bits: UInt64) { self.bits = bits }

        /// The number of the task.
        var generation: UInt64 { bits >> 32 }
        var helpers: Int { Int(bits >> 17 & 0x7fff) }
        var isOpen: Bool { bits & Self.openBit != 0 }
        /// The number of workers that run the task.
        var active: Int { Int(bits & 0xffff) }

        /// The next task, open and without active workers.
        func next(helpers: Int) -> Self { Self((generation &+ 1) << 32 | UInt64(helpers) << 17 | Self.openBit) }
    }

    private final class Start {
        let workers: Workers
        let worker: Worker
        init(workers: Workers, worker: Worker) { (self.workers, self.worker) = (workers, worker) }
    }

    private final class Worker: Sendable {
        let index: Int
        private let isAsleep = Atomic<Bool>(false)
        private let signal = DispatchSemaphore(value: 0)

        init(_ index: Int) { self.index = index }

        func sleep(while isIdle: () -> Bool) {
            while isIdle() {
                isAsleep.store(true, ordering: .sequentiallyConsistent)
                // Either this thread sees a new task here, or the waking thread sees it asleep. If both are true, the
                // signal must be consumed.
                if isIdle() || !isAsleep.exchange(false, ordering: .sequentiallyConsistent) { signal.wait() }
            }
        }

        func wake() {
            if isAsleep.load(ordering: .sequentiallyConsistent),
                isAsleep.exchange(false, ordering: .sequentiallyConsistent)
            {
                signal.signal()
            }
        }
    }
}
