import Foundation

extension Process {
    /// How long an interrupted program may take to end itself.
    private static let grace = 2.0

    /// Starts it and waits for its end. An interrupt ends it, with all that it has started, and is thrown.
    public func runToEnd() throws {
        try run()
        // Foundation gives a child a process group of its own, which Ctrl-C does not reach.
        let group = getpgid(processIdentifier) == processIdentifier ? -processIdentifier : processIdentifier
        var asked: Date?
        while isRunning {
            if let asked {
                if -asked.timeIntervalSinceNow > Self.grace { kill(group, SIGKILL) }
            } else if Interrupt.mustStop {
                asked = Date()
                kill(group, SIGTERM)
            }
            usleep(10_000)
        }
        // What it has started may block the signal: a child has the mask of the thread that starts it.
        if asked != nil, group < 0 { kill(group, SIGKILL) }
        try Interrupt.check()
    }
}
