import ArgumentParser
import Glibc
import Kit
import LuaBridge

/// How a command works with the other processes that a launcher started.
struct ProcessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Seconds to wait for another process before the run is given up, under mpirun or srun.",
            valueName: "seconds"))
    var peerTimeout = Launch.standardDeadline

    func validate() throws {
        guard peerTimeout > 0 else {
            throw ValidationError("--peer-timeout must be above 0 seconds, but is \(peerTimeout)")
        }
    }

    /// Joins the other processes, if there are any. What other ranks than 0 print is not shown: they print the same.
    func join() throws -> any ProcessGroup {
        let group = try Launch.group(deadline: peerTimeout)
        Processes.joined = group
        if group.rank > 0 { freopen("/dev/null", "w", CStreams.output) }
        return group
    }
}

/// The processes that this one works with, until the program ends.
enum Processes {
    // Set once, by the thread that runs the command.
    nonisolated(unsafe) fileprivate(set) static var joined: (any ProcessGroup)?

    /// Whether this process is the one that says what went wrong.
    static var speaks: Bool { joined?.speaks ?? true }

    /// Leaves them.
    static func end(_ status: Int32) { joined?.end(status) }
}
