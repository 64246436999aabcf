/// One training step, from its first loss to the update of the weights.
///
/// State that a loss keeps for later steps must not affect its other calls in the same step, which would find their
/// positives in it. It is therefore updated at the end of the step, and not at all if the step fails. A step belongs to
/// one thread.
public final class StepScope: @unchecked Sendable {
    /// The step that runs on this thread; nil outside of training, where each call of a loss counts as a step.
    @TaskLocal public static var current: StepScope?

    private var endings: [() -> Void] = []

    private init() {}

    /// Defers an action to the end of the step. Several actions run in order.
    public func atEnd(_ ending: @escaping () -> Void) { endings.append(ending) }

    /// Runs `body` as one step, then the deferred actions.
    package static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        let scope = StepScope()
        let result = try $current.withValue(scope, operation: body)
        for ending in scope.endings { ending() }
        return result
    }
}
