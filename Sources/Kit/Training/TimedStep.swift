/// A step that was made: what it gave, and how long it took.
struct TimedStep {
    /// Counted from 1.
    let number: Int
    let outcome: TrainingStep.Outcome
    /// How many clips its batch had.
    let clips: Int
    /// The learning rate.
    let rate: Double
    /// The whole step, and the part of it that was spent waiting for data.
    let seconds: Double
    let wait: Double

    /// The same step with another time spent waiting, such as that of the slowest process.
    func waiting(_ wait: Double) -> TimedStep {
        TimedStep(number: number, outcome: outcome, clips: clips, rate: rate, seconds: seconds, wait: wait)
    }
}
