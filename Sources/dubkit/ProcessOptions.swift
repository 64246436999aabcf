import ArgumentParser
import Glibc
import Kit
import LuaBridge

/// The options of a command that can work with other processes of the same launcher.
struct ProcessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Under mpirun or srun: seconds to wait for another process before giving up.",
            valueName: "seconds"))
    var peerTimeout = Launch.standardDeadline

    func validate() throws {
        guard peerTimeout > 0 else {
            throw ValidationError("--peer-timeout must be above 0 seconds, but is \(peerTimeout)")
        }
    }

    /// Joins the other processes, if there are any. The output of ranks other than 0 is discarded: they print the same.
    func join() throws -> any ProcessGroup {
        let group = try Launch.group(deadline: peerTimeout)
        Processes.joined = group
        if group.rank > 0 { freopen("/dev/null", "w", CStreams.output) }
        return group
    }
}

/// The process group that this process has joined, until the program ends.
enum Processes {
    // It is set once, by the thread that runs the command.
    nonisolated(unsafe) fileprivate(set) static var joined: (any ProcessGroup)?

    /// Whether this process reports errors.
    static var speaks: Bool { joined?.speaks ?? true }

    /// Waits until all processes have done their work. Throws the error of one that has failed.
    static func finish() throws { try joined?.barrier() }

    /// Tells the other processes that this one will not finish its work.
    static func abandon(_ error: KitError) { joined?.abandon(error) }

    /// Leaves the group, with the exit code of this process.
    static func end(_ status: Int32) { joined?.end(status) }
}
