/// A finished step: its outcome and its time.
struct TimedStep {
    /// Counted from 1.
    let number: Int
    let outcome: TrainingStep.Outcome
    /// The number of clips in its batch.
    let clips: Int
    /// The learning rate.
    let rate: Double
    /// The time of the whole step, and the part of it spent waiting for data, in seconds.
    let seconds: Double
    let wait: Double

    /// The same step with another time spent waiting, such as that of the slowest process.
    func waiting(_ wait: Double) -> TimedStep {
        TimedStep(number: number, outcome: outcome, clips: clips, rate: rate, seconds: seconds, wait: wait)
    }
}
