import Foundation
import KitCore

/// The threads that read clips ahead of the step, at low priority, so that the step gets the cores when it needs them.
///
/// Jobs are processed in the order in which they were added, one clip at a time, so that the first one finishes first.
/// All variables are protected by the lock.
final class ClipWorkers: @unchecked Sendable {
    private let lock = ConditionLock()
    /// Any change of the variables.
    private let change: ConditionLock.Condition
    private var jobs: [BatchJob] = []
    private var isStopped = false
    private var alive = 0
    private var handedOver: [HandedOver] = []
    private let makeLoader: (_ handOver: @escaping ClipLoader.ScriptThread) -> ClipLoader

    /// Work that a thread has passed to the recipe's thread.
    private final class HandedOver {
        /// Nil once it is done: the objects that it uses belong to the thread that waits for it, and must not be kept
        /// alive any longer.
        var work: (() -> Void)?
        var isDone = false
        var isCancelled = false
        init(_ work: @escaping () -> Void) { self.work = work }
    }

    init(count: Int, makeLoader: @escaping (_ handOver: @escaping ClipLoader.ScriptThread) -> ClipLoader) {
        self.makeLoader = makeLoader
        change = ConditionLock.Condition(lock)
        alive = count
        for index in 0..<count {
            let thread = Thread { [self] in work() }
            thread.name = "clips-\(index)"
            thread.start()
        }
    }

    func add(_ job: BatchJob) {
        lock.withLock {
            if job.isRead { job.isDone = true } else { jobs.append(job) }
            change.broadcast()
        }
    }

    /// Waits until a job is done and meanwhile runs the work that the threads pass over. Throws if the run is
    /// interrupted.
    func wait(for job: BatchJob) throws {
        while let next = try lock.withLock({ try nextHandedOver(before: job) }) {
            next.work?()
            lock.withLock {
                next.work = nil
                next.isDone = true
                change.broadcast()
            }
        }
    }

    /// Waits for work that is handed over. Returns nil once the job is done. Called under the lock.
    private func nextHandedOver(before job: BatchJob) throws -> HandedOver? {
        while !job.isDone {
            if !handedOver.isEmpty { return handedOver.removeFirst() }
            // Woken fifty times a second, to see Ctrl-C.
            change.wait(atMost: 0.02)
            try Interrupt.check()
        }
        return nil
    }

    /// Drops all jobs. Clips that are being read are finished and discarded.
    func cancelAll() { lock.withLock { forgetJobs() } }

    /// Ends the threads and waits for them, at most as long as one clip takes.
    func stop() {
        lock.withLock {
            isStopped = true
            forgetJobs()
            while alive > 0 { change.wait() }
        }
    }

    /// Called under the lock. Nobody waits for these jobs any more, so work that their threads pass over is not run.
    private func forgetJobs() {
        for job in jobs { job.isCancelled = true }
        jobs.removeAll()
        for work in handedOver { work.isCancelled = true }
        handedOver.removeAll()
        change.broadcast()
    }

    /// Runs work on the thread that waits for batches. Throws the errors of the work, or if no thread waits.
    private func handOver(_ work: () throws -> Void) throws {
        try withoutActuallyEscaping(work) { work in
            var result: Result<Void, any Error>?
            let request = HandedOver { result = Result { try work() } }
            lock.withLock {
                handedOver.append(request)
                if isStopped { forgetJobs() }
                change.broadcast()
                while !request.isDone, !request.isCancelled { change.wait() }
            }
            guard let result else { throw KitError(.interrupted, "nobody waits for this clip any more") }
            try result.get()
        }
    }

    private func work() {
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)  // On Linux 0 means the calling thread alone.
        ThreadPool.serially {
            let loader = makeLoader { [unowned self] in try handOver($0) }
            while let (job, place) = lock.withLock(nextClip) {
                let outcome = job.read(place, with: loader)
                let isRead = lock.withLock {
                    job.note(outcome, at: place)
                    return job.isRead && !job.isCancelled
                }
                guard isRead else { continue }
                if !job.isShared { job.substitute(with: loader) }
                lock.withLock {
                    job.isDone = true
                    jobs.removeAll { $0 === job }
                    change.broadcast()
                }
            }
            lock.withLock {
                alive -= 1
                change.broadcast()
            }
        }
    }

    /// Waits for the next clip to read. Returns nil once the threads are to end. Called under the lock.
    private func nextClip() -> (job: BatchJob, place: Int)? {
        while !isStopped {
            if let job = jobs.first(where: { $0.nextPlace < $0.batch.rows.upperBound }) {
                job.nextPlace += 1
                return (job, job.nextPlace - 1)
            }
            change.wait()
        }
        return nil
    }
}
