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
    private let peers = TrainingPeers(Session.current.processes)
    /// The warnings of this process if it is not rank 0, which shows them for all processes.
    private let ownWarnings = WarningList()
    /// The newest report of the plan's evaluation, and of the recipe's own.
    private var report: EvaluationReport?
    private var ownReport: EvaluationReport?

    public init(
        _ plan: TrainingPlan, settings: RunSettings = Session.current.settings,
        files: any FileSystem = DiskFileSystem(),
        log: RunLog? = nil
    ) throws {
        try plan.validate()
        self.plan = plan
        self.settings = settings
        self.files = files
        self.log =
            peers.leads
            ? log ?? RunLog(verbosity: settings.verbosity, progress: settings.progress)
            : RunLog(silent: ownWarnings.add)
    }

    /// Trains to the end of the plan. Throws `.tryAgain` if it was asked to stop; there is then a checkpoint to resume
    /// from.
    ///
    /// If several processes train, only rank 0 has the run folder; the others follow it step by step.
    public func run() throws -> TrainingResult {
        try peers.together(agreesToStop: true) {
            let folder =
                peers.leads ? try RunFolder(name: plan.name, settings: settings, files: files, notice: log.info) : nil
            let path = try peers.told(folder?.path ?? "")
            let training = try TrainingState(plan)
            do {
                return try Interrupt.gracefully {
                    try log.used { try plan.precision.used { try run(training, in: folder, path) } }
                }
            } catch {
                log.endProgress()
                // The error itself matters more than a failure to log it.
                if let folder { try? RunStatus(error, step: training.step, steps: plan.steps).write(to: folder) }
                try? log.note(error)
                throw error
            }
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
        let (count, terms, unregisteredWeights) = try log.used {
            try plan.precision.used { try lossOfTwoClips(training) ?? loss(of: plan.batches.nextBatch(), training) }
        }
        if let unregisteredWeights { try log.warning(unregisteredWeights) }
        let text = terms.map { "\($0.name) \(lossText($0.value))" }.joined(separator: ", ")
        try log.info("the loss of \(counted(count, "clip")): \(text)")
        if let evaluation = plan.evaluation {
            try plan.precision.used(during: evaluation.dryRun)
            try log.info("\(evaluation.qualifiedName) works")
        }
        if let own = plan.ownEvaluation {
            let report = try plan.precision.used {
                try own.report(step: 0, modules: plan.modules.map(\.module), board: Board(nil, in: nil))
            }
            for line in report.table { try log.info(line) }
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

    private func run(_ training: TrainingState, in folder: RunFolder?, _ path: String) throws -> TrainingResult {
        if let folder { log.record(to: try files.open(folder.path("log.txt"), appending: true)) }
        try log.info("run \(path)")
        let store = folder.map { CheckpointStore(run: $0.path, keep: plan.keep, files: files) }
        let start = try plan.batches.savedPosition()
        if let folder, let store { try restore(training, from: store, in: folder) }
        try join(training, readingFrom: start)
        for line in plan.lines { try log.info(line) }
        try log.warnOfLeftOut(plan.batches.leftOut)
        func note(_ status: RunStatus.State) throws {
            if let folder { try RunStatus(status, step: training.step, steps: plan.steps).write(to: folder) }
        }
        try note(.running)
        plan.batches.begin(in: folder?.path, count: plan.steps * plan.accumulate)
        defer {
            plan.batches.end()
            Session.current.shards = nil
        }

        let recorder = try folder.map { try StepRecorder(plan, training, $0, log) }
        let board = recorder?.board ?? Board(nil, in: nil)
        let firstStep = training.step
        let history = try folder.map { try BestCheckpoint.history(in: $0, resumedAfter: firstStep) }
        let best = try plan.best.map { BestCheckpoint($0, folder, try peers.told(history ?? [])) }
        var lastEvaluated = 0
        // A run that was interrupted between a checkpoint and the evaluations of its step makes up for them.
        if let best, firstStep > 0, firstStep < plan.steps, training.reasonToStop == nil, best.lastStep < firstStep {
            lastEvaluated = try evaluate(recorder, training, best, isLast: false) ? firstStep : 0
        }
        let traffic = peers.processes.traffic
        let profile = settings.profiles && peers.leads ? StepProfile(plan.modules) : nil
        while training.step < plan.steps, training.reasonToStop == nil {
            let isFirst = training.step == firstStep
            func makeStep() throws -> TimedStep { try step(training, isFirst: isFirst) }
            let made = try profile?.step(makeStep) ?? makeStep()
            if let unregisteredWeights = made.outcome.unregisteredWeights { try log.warning(unregisteredWeights) }
            if isFirst, let idle = training.moduleWithoutGradient {
                try log.warning("module '\(idle)' got no gradient in step \(training.step): does step use it?")
            }
            let notes = try peers.exchange(
                .init(stops: Interrupt.isRequested, wait: made.wait, warnings: ownWarnings.take()))
            try tell(notes)
            let stops = notes.contains(where: \.stops)
            try recorder?.add(made.waiting(notes.map(\.wait).max() ?? made.wait))
            try callHooks(made, training, board)
            let isLast = training.step == plan.steps || training.reasonToStop != nil
            if isLast || training.step % plan.checkpointEvery == 0 || stops, let recorder, let store {
                try recorder.sync()
                try training.commit(to: store, metricsBytes: recorder.metricsBytes)
                try note(.running)
                try log.detail("checkpoint of step \(training.step)")
            }
            if stops { throw stopped(training.step, path) }
            if !isLast, try evaluate(recorder, training, best, isLast: false) {
                lastEvaluated = training.step
                // Ends here, so the checkpoint must say so.
                if training.reasonToStop != nil, let recorder, let store {
                    try recorder.sync()
                    try training.commit(to: store, metricsBytes: recorder.metricsBytes)
                }
            }
        }
        if let reason = training.reasonToStop {
            try log.info("ended after step \(training.step) of \(plan.steps): \(reason)")
        }
        plan.batches.end()
        log.endProgress()
        try evaluate(recorder, training, best, isLast: true, skipsOwn: lastEvaluated == training.step)
        try tell(try peers.exchange(.init(stops: false, wait: 0, warnings: ownWarnings.take())))
        let result = TrainingResult(
            folder: path, steps: training.step, try peers.told(recorder!.work), report: report, ownReport: ownReport,
            traffic: peers.processes.traffic.since(traffic))
        guard let recorder else { return result }
        for line in result.lines + [board.costLine].compactMap(\.self)
            + (try profile?.finish(in: recorder.folder, width: log.lineWidth) ?? [])
        { try log.info(line) }
        try log.info("run folder: \(path)")
        try recorder.close()
        try note(.finished)
        return result
    }

    /// Checks that all processes train the same, and starts them where rank 0 starts.
    ///
    /// - Parameter start: the position of this process's batches before any checkpoint was restored.
    private func join(_ training: TrainingState, readingFrom start: String) throws {
        let wanted = plan.shards ?? settings.shards
        let known = training.shards
        let shards = try peers.told(wanted ?? known ?? peers.processes.size)
        if let known, shards != known {
            try log.warning("a batch has \(counted(shards, "shard")) from now on, but had \(known) in the run so far")
        }
        try peers.requireSame([
            ("the kit's build", PluginKit.buildOfProgram), ("the recipe", settings.recipe.map(contents(of:)) ?? ""),
            ("the configuration", contents(of: Session.current.configuration)),
            ("the data", start),
            ("the instruction set", InstructionSet.active),
            ("the weights", training.shapes),
            ("the number of shards", wanted.map { "\($0)" } ?? "not set"),
        ])
        try training.share(from: peers)
        let layout = try ShardLayout(shards: shards, rank: peers.processes.rank, ranks: peers.processes.size)
        training.share(by: layout, peers.processes)
        plan.batches.share(by: shards == 1 ? nil : layout)
        Session.current.shards = shards == 1 ? nil : layout
        if !peers.processes.isSingle {
            let hosts = peers.processes.processesByHost.map { "\($0) (\($1))" }.sorted()
            try log.info(
                "\(counted(layout.ranks, "process", "processes")) on \(hosts.joined(separator: ", ")), \(counted(shards, "shard")) of each batch"
            )
        } else if shards > 1 {
            try log.info("\(counted(shards, "shard")) of each batch")
        }
    }

    /// Shows the warnings of the other processes.
    private func tell(_ notes: [TrainingPeers.StepNote]) throws {
        guard peers.leads else { return }
        for (rank, note) in notes.enumerated() {
            for warning in note.warnings { try log.warning("\(peers.processes.name(of: rank)): \(warning)") }
        }
    }

    private func contents(of path: String) -> String {
        var hash = FNV1a()
        for byte in (try? files.read(path)) ?? Data() { hash.add(byte) }
        return "\(path), \(String(hash.value, radix: 16))"
    }

    private func contents(of configuration: ResolvedConfiguration) -> String {
        configuration.entries.map { "\($0.key)=\($0.value.optionText)" }.joined(separator: " ")
    }

    /// Fetches the next batch and makes one step with it.
    private func step(_ training: TrainingState, isFirst: Bool) throws -> TimedStep {
        let start = SteadyClock.now
        let batches = try Profiler.span("wait for data") {
            try (0..<plan.accumulate).map { _ in try plan.batches.nextBatch() }
        }
        let wait = SteadyClock.now - start
        let rates = try plan.rates(step: training.step)
        let outcome = try training.advance(batches, rates: rates, findsUnregisteredWeights: isFirst)
        return TimedStep(
            number: training.step, outcome: outcome, clips: batches.reduce(0) { $0 + $1.wholeCount }, rate: rates[0],
            seconds: max(SteadyClock.now - start, 1e-9), wait: wait)
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

    /// Calls the recipe's functions after a step. One that returns true ends the run.
    private func callHooks(_ made: TimedStep, _ training: TrainingState, _ board: Board) throws {
        let hooks = plan.hooks
        guard hooks.onStep != nil || hooks.onEpoch != nil || hooks.onEnd != nil else { return }
        let facts = TrainingHooks.StepFacts(plan, made)
        if try hooks.onStep?(facts, board) == true { training.reasonToStop = "on_step returned true" }
        if plan.isEndOfEpoch(step: training.step), try hooks.onEpoch?(facts, board) == true {
            training.reasonToStop = training.reasonToStop ?? "on_epoch returned true"
        }
        if training.step == plan.steps || training.reasonToStop != nil { try hooks.onEnd?(facts, board) }
    }

    /// Makes the evaluations that are due after a step, or all of them at the end, and keeps the best checkpoint.
    ///
    /// - Parameter skipsOwn: whether the recipe's own evaluation was made at this step already.
    /// - Returns: whether one was due.
    @discardableResult
    private func evaluate(
        _ recorder: StepRecorder?, _ training: TrainingState, _ best: BestCheckpoint?, isLast: Bool,
        skipsOwn: Bool = false
    ) throws -> Bool {
        func isDue(_ every: Int?) -> Bool { isLast || every.map { training.step % $0 == 0 } ?? false }
        var reports: [EvaluationReport] = []
        func take(_ report: EvaluationReport, _ name: String) throws {
            reports.append(report)
            guard let recorder else { return }
            try recorder.add(report, of: name, step: training.step)
            for warning in report.warnings { try log.warning(warning) }
            for line in report.table { try log.info(line) }
        }
        if let evaluation = plan.evaluation, isDue(plan.evaluateEvery) {
            let made = try training.withBestWeights(evaluation.evaluate)
            report = made
            try take(made, evaluation.declaration.name)
        }
        if let own = plan.ownEvaluation, isDue(own.every), !skipsOwn {
            let modules = plan.modules.map(\.module)
            let board = recorder?.board ?? Board(nil, in: nil)
            let made = try training.withBestWeights {
                try own.report(step: training.step, modules: modules, board: board)
            }
            ownReport = made
            try take(made, OwnEvaluation.name)
        }
        guard !reports.isEmpty else { return false }
        if let best, best.lastStep < training.step {
            let all = (plan.evaluation == nil ? 0 : 1) + (plan.ownEvaluation == nil ? 0 : 1)
            let note = try best.add(
                reports.flatMap(\.results), step: training.step, isComplete: reports.count == all,
                bytes: training.bytes, training.writeBestWeights)
            if let note { try log.info(note) }
            if !isLast { training.reasonToStop = best.reasonToStop }
        }
        return true
    }

    private func stopped(_ step: Int, _ folder: String) -> KitError {
        KitError(
            .tryAgain,
            "stopped after step \(step) of \(plan.steps), which is in a checkpoint; continue with: dubkit resume \(folder)"
        )
    }
}
