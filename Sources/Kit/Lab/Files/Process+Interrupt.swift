import Foundation
import KitCore

extension Process {
    /// Starts it and waits for its end. An interrupt ends it, with all that it has started, and is thrown.
    public func runToEnd() throws {
        try run()
        var isAsked = false
        while isRunning {
            if Interrupt.mustStop, !isAsked {
                isAsked = true
                // Foundation gives a child a process group of its own, which Ctrl-C does not reach.
                let isGroup = getpgid(processIdentifier) == processIdentifier
                kill(isGroup ? -processIdentifier : processIdentifier, SIGTERM)
            }
            usleep(10_000)
        }
        try Interrupt.check()
    }
}
