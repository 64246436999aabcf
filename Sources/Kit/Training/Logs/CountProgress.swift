import KitCore

/// Progress of work that is counted in items: "embedded 120/1000 clips · 24.1 clips/s · 37s left".
package struct CountProgress: ProgressText {
    package let verb: String
    package let noun: String
    package var step: Int
    package let steps: Int
    /// The time since this process started, and the count at which it started.
    package var seconds: Double
    package let first: Int

    package init(verb: String, noun: String, step: Int, steps: Int, seconds: Double = 0, first: Int) {
        (self.verb, self.noun, self.step, self.steps) = (verb, noun, step, steps)
        (self.seconds, self.first) = (seconds, first)
    }

    package var subject: String { "\(verb) \(noun)" }

    package var text: String {
        let done = "\(verb) \(step)/\(steps) \(noun)"
        guard step > first, seconds > 0 else { return done }
        let rate = Double(step - first) / seconds
        // Large items can take minutes each.
        let pace =
            rate >= 0.1 ? "\(decimal(rate, 1)) \(noun)/s" : "\(durationText(1 / rate)) each"
        return "\(done) · \(pace)" + (step < steps ? " · \(durationText(Double(steps - step) / rate)) left" : "")
    }
}
