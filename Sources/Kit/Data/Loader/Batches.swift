import Foundation
import KitCore

/// The batches of a dataset in the order of a sampler, read ahead by threads.
///
/// The same seed gives the same batches, bit by bit, with any number of threads. A source that cannot be read is
/// recorded once in `badSamples` and the log. Its places are filled by a fixed rule (see `BatchJob.substitute`), and
/// its clips are not tried again. Too many such sources end the run with an error (exit code 65).
public final class Batches {
    public let dataset: FilmDataset
    public let sampler: any Sampler
    public let batchesPerEpoch: Int
    /// The position of the next batch, both from 0. After the last batch of an epoch, `index` equals `batchesPerEpoch`.
    public private(set) var epoch = 0
    public private(set) var index = 0
    /// The unreadable sources so far, in the order of the batches that use them.
    public private(set) var badSamples: [BadSample]
    /// The file with a line for each of them. Set by the owner of the run folder.
    public var badSampleLog: BadSampleLog? { didSet { loggedCount = 0 } }
    /// The number of epochs that will be requested; nothing is read beyond them.
    public var epochLimit = Int.max
    /// Whether a script has read from it, rather than the trainer.
    package var isReadByScript = false
    /// The total time in seconds that `next` has waited for clips.
    public private(set) var waitedSeconds = 0.0

    private let options: LoaderOptions
    private var workers: ClipWorkers?
    private var queue: [BatchJob] = []
    private var bad: Set<Int> = []
    private var plan: (epoch: Int, batches: [[ClipDraw]])?
    private var loggedCount = 0
    private lazy var ownLoader = dataset.loader(seed: sampler.seed)
    /// The part of each batch that this process reads; nil for all of it.
    package var share: BatchShare? { didSet { forgetQueue() } }

    public init(_ dataset: FilmDataset, _ sampler: any Sampler, _ options: LoaderOptions = LoaderOptions()) throws {
        self.dataset = dataset
        self.sampler = sampler
        self.options = options
        badSamples = dataset.badSamples
        batchesPerEpoch = try sampler.batches(of: dataset.sampledClips, epoch: 0).count
        Session.current[SessionBatches.self].add(self)
    }

    deinit { close() }

    /// The next batch, or nil at the end of an epoch. The call after that begins the next epoch.
    public func next() throws -> ClipBatch? {
        try Interrupt.check()
        guard index < batchesPerEpoch else {
            epoch += 1
            index = 0
            return nil
        }
        try readAhead(atLeast: 1)
        let begin = SteadyClock.now
        let job: BatchJob
        do {
            job = try readFirst()
            waitedSeconds += SteadyClock.now - begin
            try commit(job)
        } catch {
            forgetQueue()  // Whoever calls again gets this batch, not one that was read ahead of it.
            throw error
        }
        index += 1
        try readAhead(atLeast: 0)
        return job.batch
    }

    /// The first `count` clips of the next batch, for a dry run; nil if one of them cannot be read. The position does
    /// not change.
    public func firstClips(_ count: Int) throws -> ClipBatch? {
        try checkBudget()
        guard index < batchesPerEpoch else { return nil }
        let job = try job(epoch: epoch, index: index, first: count)
        // Uses all cores, since nothing else is running.
        if let team = newWorkers(min(job.draws.count, ThreadPool.shared.threadCount)) {
            defer { team.stop() }
            team.add(job)
            try team.wait(for: job)
        } else {
            finish(job)
        }
        return job.error == nil && job.failures.isEmpty ? job.batch : nil
    }

    /// Stops reading ahead and ends the threads. The next call of `next` continues.
    public func close() {
        queue.removeAll()
        workers?.stop()
        workers = nil
    }

    /// Moves to a batch and drops everything that was read ahead.
    func move(toEpoch epoch: Int, index: Int, badSamples: [BadSample]) {
        forgetQueue()
        self.epoch = epoch
        self.index = index
        self.badSamples = badSamples
        loggedCount = 0
        let sources = Dictionary(uniqueKeysWithValues: dataset.sources.enumerated().map { ($1.id, $0) })
        bad = Set(badSamples.compactMap { sources[$0.id] })
    }

    /// Removes the first job from the queue once it is read.
    private func readFirst() throws -> BatchJob {
        let job = queue[0]
        if let workers { try workers.wait(for: job) } else { finish(job) }
        queue.removeFirst()
        let isStale = job.batch.places.contains { bad.contains($0.clip.source) }
        let mustReadAgain = isStale || job.error?.kind == .interrupted
        guard try share?.agree(on: job, mustReadAgain: mustReadAgain) ?? mustReadAgain else {
            if share != nil { job.substitute(with: ownLoader) }
            return job
        }
        // Read it again: a source was found bad in an earlier batch after this one was started, but could still be read
        // here, or an interrupt that has been handled stopped it.
        let again = try self.job(epoch: job.epoch, index: job.index)
        finish(again)
        if let share {
            _ = try share.agree(on: again, mustReadAgain: false)
            again.substitute(with: ownLoader)
        }
        return again
    }

    private func forgetQueue() {
        workers?.cancelAll()
        queue.removeAll()
    }

    /// The number of sources that may be unreadable, in addition to those that were skipped on purpose.
    private var budget: Int {
        options.badBudget(of: dataset.sources.count + dataset.badSamples.count)
            + (dataset.leavesOutUnusable ? dataset.badSamples.count : 0)
    }

    /// Throws if too many sources are unreadable.
    private func checkBudget() throws {
        guard badSamples.count > budget else { return }
        let isFromStart = !dataset.badSamples.isEmpty && !dataset.leavesOutUnusable
        let advice = isFromStart ? "; unusable = \"skip\" leaves out those that cannot be opened" : ""
        throw KitError(
            .badData,
            "\(counted(badSamples.count, of: dataset.sources.count + dataset.badSamples.count, "source")) cannot be read, "
                + "which is over the budget of \(budget) (bad_budget): "
                + badSamples.suffix(3).map(\.text).joined(separator: "; ") + advice)
    }

    /// The threads that read ahead; nil for none.
    private func startedWorkers() -> ClipWorkers? {
        if workers == nil { workers = newWorkers(options.workers) }
        return workers
    }

    /// Threads that read; nil for none.
    private func newWorkers(_ count: Int) -> ClipWorkers? {
        guard options.workers > 0 else { return nil }
        return ClipWorkers(count: min(count, ThreadCount.most)) { [dataset, seed = sampler.seed] handOver in
            dataset.loader(seed: seed, onScriptThread: handOver)
        }
    }

    /// Queues jobs up to the number that may be read ahead.
    private func readAhead(atLeast needed: Int) throws {
        let workers = startedWorkers()
        let wanted = options.workers > 0 ? max(1, options.prefetch) : needed
        while queue.count < wanted {
            var (epoch, index) = queue.last.map { ($0.epoch, $0.index + 1) } ?? (epoch, index)
            if index == batchesPerEpoch { (epoch, index) = (epoch + 1, 0) }
            guard epoch < epochLimit || queue.count < needed else { return }
            let job = try job(epoch: epoch, index: index)
            queue.append(job)
            workers?.add(job)
        }
    }

    private func job(epoch: Int, index: Int, first count: Int = .max) throws -> BatchJob {
        let draws = Array(try draws(epoch: epoch)[index].prefix(count))
        let rows = share?.rows(of: draws.count) ?? 0..<draws.count
        let batch = try dataset.emptyBatch(epoch: epoch, index: index, rows: rows, of: draws.count)
        return BatchJob(
            epoch: epoch, index: index, draws: draws, batch: batch, knownBad: bad,
            budget: budget - dataset.badSamples.count, isShared: share != nil)
    }

    /// Runs a whole job on the calling thread.
    private func finish(_ job: BatchJob) {
        for place in job.batch.rows { job.note(job.read(place, with: ownLoader), at: place) }
        if !job.isShared { job.substitute(with: ownLoader) }
    }

    private func draws(epoch: Int) throws -> [[ClipDraw]] {
        if let plan, plan.epoch == epoch { return plan.batches }
        let batches = try sampler.batches(of: dataset.sampledClips, epoch: epoch)
        guard batches.count == batchesPerEpoch else {
            throw KitError(
                .internalFault,
                "\(sampler.qualifiedName) made \(counted(batches.count, "batch", "batches")) in epoch \(epoch), "
                    + "but \(batchesPerEpoch) in epoch 0: their number must not depend on the epoch")
        }
        var uses: [Int: Int] = [:]
        let draws = batches.map { batch in
            batch.map { clip in
                defer { uses[clip, default: 0] += 1 }
                return ClipDraw(clip: clip, epoch: epoch, use: uses[clip, default: 0])
            }
        }
        plan = (epoch, draws)
        return draws
    }

    /// Adds the findings of a job to the state of the run. Throws the errors that must end the run.
    private func commit(_ job: BatchJob) throws {
        for (source, reason) in job.found where bad.insert(source).inserted {
            let entry = dataset.entries[source].source
            badSamples.append(
                BadSample(
                    id: entry.id, film: entry.film, path: entry.mainPath, reason: reason, epoch: job.epoch,
                    batch: job.index))
        }
        for sample in badSamples[loggedCount...] { try badSampleLog?.add(sample) }
        loggedCount = badSampleLog == nil ? 0 : badSamples.count
        if let error = job.error { throw error }
        if job.isOutOfFilms {
            let rest = badSamples.count > 3 ? "; and \(badSamples.count - 3) more" : ""
            throw KitError(
                .badData,
                "no film is left that can be read, of \(dataset.sources.count + dataset.badSamples.count) sources: "
                    + badSamples.prefix(3).map(\.text).joined(separator: "; ") + rest)
        }
        try checkBudget()
    }
}
