import Foundation
import KitCore
import KitTensor

/// Measures steps and writes down what they gave: `metrics.jsonl`, the event file, the progress line.
final class StepRecorder {
    private let plan: TrainingPlan
    private let training: TrainingState
    private let log: RunLog
    private let folder: RunFolder
    private let metrics: MetricsFile
    private let events: EventFile
    private let begin = StepRecorder.now
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
        events = try EventFile(
            in: folder.path, files: folder.files, resumedAfter: folder.isResumed ? training.step : nil)
    }

    /// Makes one step with the next batch.
    func measure(
        _ advance: (_ batch: any TrainingBatch, _ rate: Double) throws -> TrainingStep.Outcome
    ) throws -> StepRecord {
        let start = Self.now
        let batch = try Profiler.span("wait for data") { try plan.batches.nextBatch() }
        let wait = Self.now - start
        let rate = try plan.rate(step: training.step)
        let outcome = try advance(batch, rate)
        let seconds = max(Self.now - start, 1e-9)
        clips += batch.ids.count
        waited += wait
        smooth.add(seconds: seconds, wait: wait, clips: batch.ids.count)
        return StepRecord(
            step: training.step, epoch: plan.epoch(step: training.step), loss: outcome.loss, terms: outcome.terms,
            rate: rate, gradientNorm: outcome.gradientNorm, clipsPerSecond: Double(batch.ids.count) / seconds,
            dataWait: wait / seconds)
    }

    func add(_ record: StepRecord) throws {
        last = record
        try metrics.add(record)
        try events.add(step: record.step, record.scalars)
        try log.show(
            ProgressLine(
                step: record.step, steps: plan.steps, epoch: record.epoch, epochs: plan.epoch(step: plan.steps),
                loss: record.loss, terms: record.terms, clipsPerSecond: smooth.clipsPerSecond,
                dataWait: smooth.dataWait, secondsLeft: smooth.secondsPerStep * Double(plan.steps - record.step)))
    }

    func add(_ report: EvaluationReport, step: Int) throws {
        let name = plan.heldOut!.declaration.name
        // Curves of the figures; their intervals are in the file.
        let curves = report.figures.filter { !$0.name.contains("interval/") }
        try events.add(step: step, curves.map { ("\(name)/\($0.name)", $0.value) })
        try folder.files.makeFolder(folder.path("evaluation"))
        try folder.write(
            "evaluation/\(name)-step-\(step).json", Dictionary(uniqueKeysWithValues: report.figures))
        if !report.embeddings.isEmpty {
            // The newest will do: they may be large.
            let path = folder.path("evaluation/\(name)")
            if folder.files.exists(path) { try folder.files.remove(path) }
            try FeatureFolder.write(report.embeddings, to: path, plan: "step \(step)")
        }
    }

    func sync() throws { try metrics.sync() }

    func close() throws {
        try metrics.close()
        try events.close()
    }

    func result(_ report: EvaluationReport?) -> TrainingResult {
        TrainingResult(
            folder: folder.path, steps: training.step, stepsMade: training.step - firstStep, last: last,
            seconds: Self.now - begin, waited: waited, clips: clips, report: report)
    }

    private static var now: Double { ProcessInfo.processInfo.systemUptime }
}

/// Speed over the last ten steps or so, for the progress line.
private struct SmoothedSpeed {
    private var weight = 0.0
    private var seconds = 0.0
    private var wait = 0.0
    private var clips = 0.0

    mutating func add(seconds: Double, wait: Double, clips: Int) {
        let decay = 0.9
        weight = decay * weight + 1
        self.seconds = decay * self.seconds + seconds
        self.wait = decay * self.wait + wait
        self.clips = decay * self.clips + Double(clips)
    }

    var secondsPerStep: Double { weight > 0 ? seconds / weight : 0 }
    var clipsPerSecond: Double { seconds > 0 ? clips / seconds : 0 }
    var dataWait: Double { seconds > 0 ? wait / seconds : 0 }
}
