import KitCore
import KitTensor

/// The result of a run, as far as this process computed it.
public struct TrainingResult {
    /// The run folder.
    public let folder: String
    /// The number of steps in all, and of those in this process.
    public let steps: Int
    public let stepsMade: Int
    let last: StepRecord?
    let seconds: Double
    let waited: Double
    let clips: Int
    /// The results of the evaluation.
    public let report: EvaluationReport?

    /// The loss of the last step; nil if this process made no step.
    public var loss: Double? { last?.loss }

    /// Speed and memory, in words.
    var lines: [String] {
        guard stepsMade > 0 else { return ["all \(steps) steps were done before"] }
        let memory = ResourceUse.current
        let speed = decimal(Double(clips) / max(seconds, 1e-9), 1)
        let share = Int(saturating: (100 * waited / max(seconds, 1e-9)).rounded())
        return [
            "\(stepsMade) steps in \(durationText(seconds)): \(speed) clips/s, \(share)% of the time waiting for data",
            "peak memory \(byteText(memory.peakBytes)), of which tensors \(byteText(memory.peakTensorBytes))",
        ]
    }

    /// The value that `kit.train` returns.
    package var scriptValue: OptionValue {
        var named: [(key: String, value: OptionValue)] = [("folder", .string(folder)), ("steps", .int(steps))]
        if let last {
            named.append(("loss", .number(last.loss)))
            named.append(
                ("terms", .table(Options(named: last.terms.map { ($0.name, .number($0.value)) }))))
            named.append(("seconds", .number(seconds)))
            named.append(("clips_per_second", .number(Double(clips) / max(seconds, 1e-9))))
        }
        if let report { named.append(("held_out", report.scriptValue)) }
        return .table(Options(named: named))
    }
}

extension TrainingResult {
    /// The result of a process that does not write the run folder.
    init(folder: String, steps: Int) {
        self.init(
            folder: folder, steps: steps, stepsMade: 0, last: nil, seconds: 0, waited: 0, clips: 0, report: nil)
    }
}
