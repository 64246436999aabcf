import Foundation

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

    /// A clock that never goes back, in seconds.
    static var now: Double { ProcessInfo.processInfo.systemUptime }
}
