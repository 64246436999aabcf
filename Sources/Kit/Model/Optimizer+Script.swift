import KitCore

/// Optimizers in recipes: settings to pass to `kit.train`.
extension Optimizer {
    public static var scriptTypeName: String { "optimizer" }
    public static var scriptSummary: String { "A rule that turns gradients into new weights, for kit.train." }
    public var scriptDescription: String { settings }
}

/// Schedules in recipes.
extension Schedule {
    public static var scriptTypeName: String { "schedule" }
    public static var scriptSummary: String { "How the learning rate changes over a run, for kit.train." }
    public var scriptDescription: String { settings }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "factor", on: (any Schedule).self,
                "The factor of the learning rate at a step, counted from 0.",
                ScriptArgument("step", Int.self), ScriptArgument("total", Int.self), returns: Double.self
            ) { schedule, step, total in
                guard total > 0, step >= 0, step < total else {
                    throw KitError.usage("factor: step must be 0 to total - 1, but is \(step) of \(total)")
                }
                return try schedule.factor(step: step, of: total)
            }
        ]
    }
}
