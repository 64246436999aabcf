/// The start of a run: the factor rises linearly and reaches 1 at the last step of the warm-up.
struct WarmUp {
    let steps: Int

    /// - Parameter share: the share of the run's `total` steps.
    init(share: Double, of total: Int) { steps = Int(saturating: (share * Double(total)).rounded()) }

    /// The factor during the warm-up; nil after it.
    func factor(step: Int) -> Double? { step < steps ? Double(step + 1) / Double(steps) : nil }

    /// The progress of the run after the warm-up: 0 at its first step, 1 at the end.
    func progress(step: Int, of total: Int) -> Double { Double(step - steps) / Double(max(1, total - steps)) }
}
