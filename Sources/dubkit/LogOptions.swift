import ArgumentParser
import Kit

/// How a command says what it does.
struct LogOptions: ParsableArguments {
    @Option(help: "How progress is shown: auto (drawn in place on a terminal), plain (lines) or none.")
    var progress = RunLog.Progress.auto

    @Flag(name: .shortAndLong, help: "Show warnings only.")
    var quiet = false

    /// A log for a command that runs no recipe.
    var log: RunLog { RunLog(verbosity: quiet ? -1 : 0, progress: progress) }
}

extension RunLog.Progress: ExpressibleByArgument {}
