import KitCore

/// Progress of work that is counted in items, in the log of the work in progress: a bar on a terminal, a line every few
/// seconds elsewhere.
///
///     let progress = try WorkProgress("fitted", "trees", of: trees.count)
///     for tree in trees {
///         try fit(tree)
///         try progress.advance()
///     }
///
/// Shows "fitted 12/100 trees · 4.0 trees/s · 22s left". The bar goes away with the last item, or with `finish`.
public final class WorkProgress {
    private let log: RunLog
    private var progress: CountProgress
    private let begin: Double
    private let now: () -> Double

    /// - Parameters:
    ///   - verb: what has been done to an item, such as "fitted".
    ///   - noun: the items, in the plural, such as "trees".
    ///   - total: the number of items.
    public convenience init(_ verb: String, _ noun: String, of total: Int) throws {
        try self.init(verb, noun, of: total, log: .current)
    }

    /// With another log and clock, for tests.
    package init(
        _ verb: String, _ noun: String, of total: Int, log: RunLog, now: @escaping () -> Double = { SteadyClock.now }
    ) throws {
        progress = CountProgress(verb: verb, noun: noun, step: 0, steps: max(0, total), first: 0)
        (self.log, self.now, begin) = (log, now, now())
        if total > 0 { try log.show(progress) }
    }

    /// The number of items that are done.
    public var done: Int { progress.step }

    /// Counts items that are done and shows the progress. Throws an error of kind `.interrupted` if the user asked to stop.
    public func advance(by count: Int = 1) throws {
        guard progress.steps > 0 else { return }
        let (sum, isLarge) = progress.step.addingReportingOverflow(max(0, count))
        progress.step = isLarge ? progress.steps : min(progress.steps, sum)
        progress.seconds = now() - begin
        try log.show(progress)
        if progress.step == progress.steps { finish() } else { try Interrupt.check() }
    }

    /// Removes the bar. Only needed if the work ends before the last item.
    public func finish() { log.clearProgress() }
}

extension WorkProgress: ScriptObject {
    public static var scriptTypeName: String { "progress" }
    public static var scriptSummary: String { "Progress of a script's work, as kit.progress shows it." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "advance", on: WorkProgress.self, "Counts items that are done: 1 by default.",
                ScriptArgument("count", Int?.self)
            ) { progress, count in
                if let count, count < 0 {
                    throw KitError.usage("advance: argument 'count' must be 0 or more, but is \(count)")
                }
                try progress.advance(by: count ?? 1)
            },
            ScriptMethod(
                "finish", on: WorkProgress.self,
                "Removes the bar from the terminal. Only needed if the work ends before the last item."
            ) { $0.finish() },
        ]
    }
    public var scriptDescription: String { progress.text }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(WorkProgress.self) }
