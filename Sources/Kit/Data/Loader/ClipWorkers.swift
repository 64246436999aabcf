import Foundation
import KitCore

/// The threads that read clips ahead of the step, at low priority, so that the step gets the cores when it needs them.
///
/// Jobs are processed in the order in which they were added, one clip at a time, so that the first one finishes first.
/// All variables are protected by the condition's lock.
final class ClipWorkers: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [BatchJob] = []
    private var isStopped = false
    private var alive = 0
    private var handedOver: [HandedOver] = []
    private let makeLoader: (_ handOver: @escaping ClipLoader.ScriptThread) -> ClipLoader

    /// Work that a thread has passed to the recipe's thread.
    private final class HandedOver {
        let work: () -> Void
        var isDone = false
        var isCancelled = false
        init(_ work: @escaping () -> Void) { self.work = work }
    }

    init(count: Int, makeLoader: @escaping (_ handOver: @escaping ClipLoader.ScriptThread) -> ClipLoader) {
        self.makeLoader = makeLoader
        alive = count
        for index in 0..<count {
            let thread = Thread { [self] in work() }
            thread.name = "clips-\(index)"
            thread.start()
        }
    }

    func add(_ job: BatchJob) {
        condition.lock()
        jobs.append(job)
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until a job is done and meanwhile runs the work that the threads pass over. Throws if the run is
    /// interrupted.
    func wait(for job: BatchJob) throws {
        condition.lock()
        defer { condition.unlock() }
        while !job.isDone {
            if !handedOver.isEmpty {
                let next = handedOver.removeFirst()
                condition.unlock()
                next.work()
                condition.lock()
                next.isDone = true
                condition.broadcast()
                continue
            }
            // Woken fifty times a second, to see Ctrl-C.
            _ = condition.wait(until: Date(timeIntervalSinceNow: 0.02))
            try Interrupt.check()
        }
    }

    /// Drops all jobs. Clips that are being read are finished and discarded.
    func cancelAll() {
        condition.lock()
        forgetJobs()
        condition.unlock()
    }

    /// Ends the threads and waits for them, at most as long as one clip takes.
    func stop() {
        condition.lock()
        isStopped = true
        forgetJobs()
        while alive > 0 { condition.wait() }
        condition.unlock()
    }

    /// Called under the lock. Nobody waits for these jobs any more, so work that their threads pass over is not run.
    private func forgetJobs() {
        for job in jobs { job.isCancelled = true }
        jobs.removeAll()
        for work in handedOver { work.isCancelled = true }
        handedOver.removeAll()
        condition.broadcast()
    }

    /// Runs work on the thread that waits for batches. Throws the errors of the work, or if no thread waits.
    private func handOver(_ work: () throws -> Void) throws {
        try withoutActuallyEscaping(work) { work in
            var result: Result<Void, any Error>?
            let request = HandedOver { result = Result { try work() } }
            condition.lock()
            handedOver.append(request)
            if isStopped { forgetJobs() }
            condition.broadcast()
            while !request.isDone, !request.isCancelled { condition.wait() }
            condition.unlock()
            guard let result else { throw KitError(.interrupted, "nobody waits for this clip any more") }
            try result.get()
        }
    }

    private func work() {
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)  // On Linux 0 means the calling thread alone.
        ThreadPool.serially {
            let loader = makeLoader { [unowned self] in try handOver($0) }
            condition.lock()
            while !isStopped {
                guard let job = jobs.first(where: { $0.nextPlace < $0.draws.count }) else {
                    condition.wait()
                    continue
                }
                let place = job.nextPlace
                job.nextPlace += 1
                condition.unlock()
                let outcome = job.read(place, with: loader)
                condition.lock()
                job.note(outcome, at: place)
                guard job.placesRead == job.draws.count, !job.isCancelled else { continue }
                condition.unlock()
                job.substitute(with: loader)
                condition.lock()
                job.isDone = true
                jobs.removeAll { $0 === job }
                condition.broadcast()
            }
            alive -= 1
            condition.broadcast()
            condition.unlock()
        }
    }
}
