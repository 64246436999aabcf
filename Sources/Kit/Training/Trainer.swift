import Foundation
import KitCore
import KitModel
import KitTensor

/// Runs a plan: batch, loss, gradients, update, logs and checkpoints, step after step.
///
/// A run that is interrupted at any moment and resumed gives the same bits as an uninterrupted one: weights, optimizer,
/// random streams, data position and metrics all continue from the last intact checkpoint.
public final class Trainer {
    private let plan: TrainingPlan
    private let settings: RunSettings
    private let files: any FileSystem
    private let log: RunLog

    public init(
        _ plan: TrainingPlan, settings: RunSettings = Session.current.settings,
        files: any FileSystem = DiskFileSystem(),
        log: RunLog? = nil
    ) throws {
        try plan.validate()
        self.plan = plan
        self.settings = settings
        self.files = files
        self.log = log ?? RunLog(verbosity: settings.verbosity, progress: settings.progress)
    }

    /// Trains to the end of the plan. Throws `.tryAgain` if it was asked to stop; there is then a checkpoint to resume
    /// from.
    public func run() throws -> TrainingResult {
        let folder = try RunFolder(name: plan.name, settings: settings, files: files, notice: log.info)
        let training = try TrainingState(plan)
        do {
            return try Interrupt.gracefully { try run(training, in: folder) }
        } catch {
            log.endProgress()
            // The error itself matters more than a failure to log it.
            try? RunStatus(error, step: training.step, steps: plan.steps).write(to: folder)
            try? log.note(error)
            throw error
        }
    }

    /// Builds everything, computes the loss of a small batch, tries the evaluation and logs what the run would do.
    /// Trains nothing and writes nothing.
    ///
    /// - Returns: the loss terms of the small batch.
    public func dryRun() throws -> [(name: String, value: Double)] {
        try log.info("dry run of '\(plan.name)': nothing is trained or written")
        let training = try TrainingState(plan)
        for line in plan.lines { try log.info(line) }
        try log.warnOfLeftOut(plan.batches.leftOut)
        try log.info("about \(byteText(training.bytes)) for each checkpoint")
        plan.batches.begin(in: nil, count: 1)
        defer { plan.batches.end() }
        let (count, terms, unregisteredWeights) =
            try lossOfTwoClips(training) ?? loss(of: plan.batches.nextBatch(), training)
        if let unregisteredWeights { try log.warning(unregisteredWeights) }
        let text = terms.map { "\($0.name) \(lossText($0.value))" }.joined(separator: ", ")
        try log.info("the loss of \(count) clips: \(text)")
        if let evaluation = plan.evaluation {
            try evaluation.dryRun()
            try log.info("\(evaluation.qualifiedName) works")
        }
        return terms
    }

    private typealias DryRunLoss = (clips: Int, terms: [(name: String, value: Double)], unregisteredWeights: String?)

    /// The loss of two clips, without gradients, at a fraction of the cost of a batch. Nil if that is not possible: a
    /// step may rely on whole batches or need gradients itself.
    private func lossOfTwoClips(_ training: TrainingState) throws -> DryRunLoss? {
        do {
            return try plan.batches.dryRunBatch(of: 2).map { batch in
                try Autograd.tracing { try loss(of: batch, training) }
            }
        } catch let error as KitError where error.kind != .interrupted {
            return nil
        }
    }

    private func loss(of batch: any TrainingBatch, _ training: TrainingState) throws -> DryRunLoss {
        let (terms, unregisteredWeights) = try training.firstLoss(of: batch)
        return (batch.ids.count, terms, unregisteredWeights)
    }

    private func run(_ training: TrainingState, in folder: RunFolder) throws -> TrainingResult {
        log.record(to: try files.open(folder.path("log.txt"), appending: true))
        try log.info("run \(folder.path)")
        let store = CheckpointStore(run: folder.path, keep: plan.keep, files: files)
        try restore(training, from: store, in: folder)
        for line in plan.lines { try log.info(line) }
        try log.warnOfLeftOut(plan.batches.leftOut)
        try RunStatus(.running, step: training.step, steps: plan.steps).write(to: folder)
        plan.batches.begin(in: folder.path, count: plan.steps)
        defer { plan.batches.end() }

        let recorder = try StepRecorder(plan, training, folder, log)
        let firstStep = training.step
        let profile = settings.profiles ? StepProfile(plan.modules) : nil
        while training.step < plan.steps {
            let isFirst = training.step == firstStep
            func makeStep() throws -> TimedStep { try step(training, isFirst: isFirst) }
            let made = try profile?.step(makeStep) ?? makeStep()
            if let unregisteredWeights = made.outcome.unregisteredWeights { try log.warning(unregisteredWeights) }
            if isFirst, let idle = training.moduleWithoutGradient {
                try log.warning("module '\(idle)' got no gradient in step \(training.step): does step use it?")
            }
            try recorder.add(made)
            let isLast = training.step == plan.steps
            if isLast || training.step % plan.checkpointEvery == 0 || Interrupt.isRequested {
                try recorder.sync()
                try training.commit(to: store, metricsBytes: recorder.metricsBytes)
                try RunStatus(.running, step: training.step, steps: plan.steps).write(to: folder)
                try log.detail("checkpoint of step \(training.step)")
            }
            if Interrupt.isRequested { throw stopped(training.step, folder) }
            if let every = plan.evaluateEvery, training.step % every == 0, !isLast {
                try evaluate(recorder, training)
            }
        }
        plan.batches.end()
        log.endProgress()
        let report = try evaluate(recorder, training)
        let result = recorder.result(report)
        for line in result.lines + (try profile?.finish(in: folder) ?? []) { try log.info(line) }
        try log.info("run folder: \(folder.path)")
        try recorder.close()
        try RunStatus(.finished, step: training.step, steps: plan.steps).write(to: folder)
        return result
    }

    /// Fetches the next batch and makes one step with it.
    private func step(_ training: TrainingState, isFirst: Bool) throws -> TimedStep {
        let start = TimedStep.now
        let batch = try Profiler.span("wait for data") { try plan.batches.nextBatch() }
        let wait = TimedStep.now - start
        let rate = try plan.rate(step: training.step)
        let outcome = try training.advance(batch, rate: rate, findsUnregisteredWeights: isFirst)
        return TimedStep(
            number: training.step, outcome: outcome, clips: batch.ids.count, rate: rate,
            seconds: max(TimedStep.now - start, 1e-9), wait: wait)
    }

    /// Restores the newest checkpoint and writes the facts of the run. If the run was interrupted before its first
    /// checkpoint, some files may be missing, and those of this process are written.
    private func restore(_ training: TrainingState, from store: CheckpointStore, in folder: RunFolder) throws {
        let facts = RunFacts(plan, settings, Session.current.configuration)
        guard folder.isResumed else { return try folder.write(facts, isBegun: false) }
        var notices: [String] = []
        let checkpoint = try store.newest { notices.append($0) }
        try store.repair(newest: checkpoint)
        if checkpoint != nil { notices += try folder.changes(to: facts) }
        for notice in notices { try log.warning(notice) }
        if let checkpoint {
            try training.restore(checkpoint, files)
            try log.info("resumed after step \(training.step) of \(plan.steps)")
        } else {
            try log.info("the run has no intact checkpoint yet: starting at its first step")
        }
        try folder.write(facts, isBegun: checkpoint != nil)
    }

    @discardableResult
    private func evaluate(_ recorder: StepRecorder, _ training: TrainingState) throws -> EvaluationReport? {
        guard let evaluation = plan.evaluation else { return nil }
        let report = try training.withBestWeights(evaluation.evaluate)
        try recorder.add(report, step: training.step)
        for warning in report.warnings { try log.warning(warning) }
        for line in report.table { try log.info(line) }
        return report
    }

    private func stopped(_ step: Int, _ folder: RunFolder) -> KitError {
        KitError(
            .tryAgain,
            "stopped after step \(step) of \(plan.steps), which is in a checkpoint; continue with: --resume \(folder.path)"
        )
    }
}
