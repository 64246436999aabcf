import ArgumentParser
import Kit

/// How a command shows what it does.
struct LogOptions: ParsableArguments {
    @Option(help: "How to show progress: auto (redrawn in place on a terminal), plain (lines) or none.")
    var progress = RunLog.Progress.auto

    @Flag(name: .shortAndLong, help: "Show warnings only.")
    var quiet = false

    /// A log for a command that runs no recipe.
    var log: RunLog { RunLog(verbosity: quiet ? -1 : 0, progress: progress) }
}

extension RunLog.Progress: ExpressibleByArgument {}
