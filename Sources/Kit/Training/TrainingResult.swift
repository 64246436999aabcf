import KitCore
import KitTensor

/// The result of a run, as far as this process computed it.
public struct TrainingResult {
    /// The run folder.
    public let folder: String
    /// The number of steps in all.
    public let steps: Int
    /// The result of the evaluation.
    public let report: EvaluationReport?
    /// The newest result of the recipe's own evaluation.
    private let ownReport: EvaluationReport?
    private let work: TrainingWork
    /// The traffic of this process with the others during the run.
    private let traffic: ProcessTraffic

    init(
        folder: String, steps: Int, _ work: TrainingWork, report: EvaluationReport?, ownReport: EvaluationReport?,
        traffic: ProcessTraffic
    ) {
        (self.folder, self.steps, self.work, self.traffic) = (folder, steps, work, traffic)
        (self.report, self.ownReport) = (report, ownReport)
    }

    /// The number of steps that this run of the program made.
    public var stepsMade: Int { work.steps }

    /// The loss of the last step; nil if this run of the program made no step.
    public var loss: Double? { work.last?.loss }

    private var clipsPerSecond: Double { Double(work.clips) / max(work.seconds, 1e-9) }

    /// Speed and memory, in words.
    var lines: [String] {
        guard stepsMade > 0 else {
            return [steps == 1 ? "the only step was done before" : "all \(steps) steps were done before"]
        }
        func share(_ seconds: Double) -> Int { Int(saturating: (100 * seconds / max(work.seconds, 1e-9)).rounded()) }
        let memory = ResourceUse.current
        var lines = [
            "\(counted(stepsMade, "step")) in \(durationText(work.seconds)): \(decimal(clipsPerSecond, 1)) clips/s, "
                + "\(share(work.waited))% of the time waiting for data"
        ]
        if traffic.bytes > 0 {
            lines.append(
                "rank 0 sent \(byteText(traffic.bytes / stepsMade)) a step in \(traffic.exchanges / stepsMade) exchanges, "
                    + "and waited \(share(traffic.seconds))% of the time for other ranks")
        }
        return lines + [
            "peak memory \(byteText(memory.peakBytes)), of which tensors \(byteText(memory.peakTensorBytes))"
        ]
    }

    /// The value that `kit.train` returns.
    package var scriptValue: OptionValue {
        var named: [(key: String, value: OptionValue)] = [("folder", .string(folder)), ("steps", .int(steps))]
        if let last = work.last {
            named.append(("loss", .number(last.loss)))
            named.append(
                ("terms", .table(Options(named: last.terms.map { ($0.name, .number($0.value)) }))))
            named.append(("seconds", .number(work.seconds)))
            named.append(("clips_per_second", .number(clipsPerSecond)))
        }
        if let report { named.append(("held_out", report.scriptValue)) }
        if let ownReport { named.append(("evaluate", ownReport.scriptValue)) }
        return .table(Options(named: named))
    }
}

/// The steps of one run of the program, with the time they took. Rank 0 measures it and sends it to the others.
struct TrainingWork: Codable {
    /// The number of steps, without those of earlier runs of the program.
    let steps: Int
    let last: StepRecord?
    let seconds: Double
    /// The seconds of waiting for data.
    let waited: Double
    let clips: Int
}
