import Foundation
import KitCore
import KitTensor

/// Records each step and each evaluation of a run in `metrics.jsonl`, the event file and the progress line.
final class StepRecorder {
    private let plan: TrainingPlan
    private let training: TrainingState
    private let log: RunLog
    let folder: RunFolder
    private let metrics: MetricsFile
    private let events: TensorBoardFile
    let board: Board
    private let begin = SteadyClock.now
    private let firstStep: Int
    private var clips = 0
    private var waited = 0.0
    private var smooth = SmoothedSpeed()
    private var last: StepRecord?

    var metricsBytes: Int { metrics.bytes }

    init(_ plan: TrainingPlan, _ training: TrainingState, _ folder: RunFolder, _ log: RunLog) throws {
        self.plan = plan
        self.training = training
        self.log = log
        self.folder = folder
        firstStep = training.step
        metrics = try MetricsFile(folder, keeping: training.metricsBytes)
        events = try TensorBoardFile(
            in: folder.path, files: folder.files, resumedAfter: folder.isResumed ? training.step : nil)
        board = Board(events, in: folder)
    }

    /// Records a step.
    func add(_ made: TimedStep) throws {
        clips += made.clips
        waited += made.wait
        smooth.add(made)
        let record = StepRecord(
            step: made.number, epoch: plan.epoch(step: made.number), loss: made.outcome.loss, terms: made.outcome.terms,
            rate: made.rate, gradientNorm: made.outcome.gradientNorm, clipsPerSecond: Double(made.clips) / made.seconds,
            dataWait: made.wait / made.seconds,
            norms: made.outcome.norms.isEmpty
                ? nil
                : Dictionary(
                    uniqueKeysWithValues: made.outcome.norms.map {
                        ($0.module, StepRecord.Norms(gradient: $0.gradient, update: $0.update))
                    }))
        last = record
        try metrics.add(record)
        board.step = record.step
        try add(step: record.step, record.scalars)
        if let every = plan.recordWeightsEvery, record.step % every == 0 {
            for (name, module) in plan.modules {
                for parameter in module.namedParameters(prefix: "\(name).") {
                    try board.histogram("weights/\(parameter.name)", parameter.tensor)
                }
            }
        }
        try log.show(
            ProgressLine(
                step: record.step, steps: plan.steps, epoch: record.epoch, epochs: plan.epoch(step: plan.steps),
                loss: record.loss, terms: record.terms, clipsPerSecond: smooth.clipsPerSecond,
                dataWait: smooth.dataWait, secondsLeft: smooth.secondsPerStep * Double(plan.steps - record.step)))
    }

    /// Adds points of the curves, and tells the recipe's own log.
    private func add(step: Int, _ scalars: [(tag: String, value: Double)]) throws {
        try events.add(step: step, scalars)
        try plan.hooks.onRecord?(step, scalars.map { ($0.tag, $0.value) })
    }

    /// Records the results of an evaluation after a step, under the evaluation's name.
    func add(_ report: EvaluationReport, of name: String, step: Int) throws {
        // Curves show the results without intervals, which are in the file.
        let curves = report.results.filter { !$0.name.contains("interval/") }
        try add(step: step, curves.map { ("\(name)/\($0.name)", $0.value) })
        try folder.files.makeFolder(folder.path("evaluation"))
        try folder.write(
            "evaluation/\(name)-step-\(step).json", Dictionary(uniqueKeysWithValues: report.results))
        if let artifact = report.artifact {
            // Keep only the newest, since they may be large.
            let path = folder.path("evaluation/\(name)")
            if folder.files.exists(path) { try folder.files.remove(path) }
            try artifact.write(to: path, moment: "step \(step)")
        }
    }

    func sync() throws { try metrics.sync() }

    func close() throws {
        board.end()
        try metrics.close()
        try events.close()
    }

    /// The steps recorded so far, with the time they took.
    var work: TrainingWork {
        TrainingWork(
            steps: training.step - firstStep, last: last, seconds: SteadyClock.now - begin, waited: waited, clips: clips
        )
    }
}

/// The speed over about the last ten steps, for the progress line.
private struct SmoothedSpeed {
    private var weight = 0.0
    private var seconds = 0.0
    private var wait = 0.0
    private var clips = 0.0

    mutating func add(_ made: TimedStep) {
        let decay = 0.9
        weight = decay * weight + 1
        seconds = decay * seconds + made.seconds
        wait = decay * wait + made.wait
        clips = decay * clips + Double(made.clips)
    }

    var secondsPerStep: Double { weight > 0 ? seconds / weight : 0 }
    var clipsPerSecond: Double { seconds > 0 ? clips / seconds : 0 }
    var dataWait: Double { seconds > 0 ? wait / seconds : 0 }
}
