/// One step of a training, from its first loss to the update of the weights.
///
/// What a loss keeps of a step for later ones must not reach its other calls in the same step: they would find their
/// positives among what it kept. It happens at the step's end instead, and not at all if the step fails. A step belongs to one
/// thread.
public final class StepScope: @unchecked Sendable {
    /// The step that runs on this thread; nil outside of a training, where each call of a loss counts as a step.
    @TaskLocal public static var current: StepScope?

    private var endings: [() -> Void] = []

    private init() {}

    /// Has something done at the step's end; several things in the order in which they were given.
    public func atEnd(_ ending: @escaping () -> Void) { endings.append(ending) }

    /// Runs `body` as one step, then what was to happen at its end.
    package static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        let scope = StepScope()
        let result = try $current.withValue(scope, operation: body)
        for ending in scope.endings { ending() }
        return result
    }
}
