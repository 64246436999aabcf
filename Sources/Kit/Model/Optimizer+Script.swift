import KitCore

/// How a recipe sees any optimizer: settings to hand to `kit.train`.
extension Optimizer {
    public static var scriptTypeName: String { "optimizer" }
    public static var scriptSummary: String { "A rule that turns gradients into new weights, for kit.train." }
    public var scriptDescription: String { settings }
}

/// How a recipe sees any schedule.
extension Schedule {
    public static var scriptTypeName: String { "schedule" }
    public static var scriptSummary: String { "How the learning rate changes over a run, for kit.train." }
    public var scriptDescription: String { settings }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "factor", on: (any Schedule).self,
                "What the learning rate is multiplied by at one step, counted from 0.",
                ScriptParameter("step", Int.self), ScriptParameter("total", Int.self), returns: Double.self
            ) { schedule, step, total in
                guard total > 0, step >= 0, step < total else {
                    throw KitError.usage("factor: step must lie in 0 to total - 1, but is \(step) of \(total)")
                }
                return try schedule.factor(step: step, of: total)
            }
        ]
    }
}
