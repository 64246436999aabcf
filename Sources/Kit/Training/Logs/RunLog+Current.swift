import KitCore

extension RunLog {
    /// The log of the work in progress, for messages and progress of plugins: that of the run or of the features that are
    /// made, or else one on standard error with the command line's verbosity.
    ///
    ///     try RunLog.current.warning("3 of 200 sounds are silent")
    ///
    /// Warnings are always shown, `info` unless `-q` was given, `detail` with `-v`; a run's `log.txt` has all of them. Worker
    /// threads, in which augmentations run, belong to no run: their messages only go to standard error.
    public static var current: RunLog {
        if let log = Session.current[Current.self].log { return log }
        let settings = Session.current.settings
        return RunLog(verbosity: settings.verbosity, progress: settings.progress)
    }

    /// Runs `body` with this log as `current`.
    package func used<Result>(during body: () throws -> Result) rethrows -> Result {
        let slot = Session.current[Current.self]
        let outer = slot.log
        slot.log = self
        defer { slot.log = outer }
        return try body()
    }

    /// Moves the terminal to the start of an empty line, if a log of this session shows progress there.
    package static func clearShownProgress() { Session.current[Current.self].drawing?.clearProgress() }

    /// Notes that this log shows progress.
    func isDrawing() { Session.current[Current.self].drawing = self }

    private final class Current: SessionPart, @unchecked Sendable {
        var log: RunLog?
        weak var drawing: RunLog?
    }
}
