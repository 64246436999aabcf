import Foundation

/// The processes that were started together to do one piece of work, each with its rank: the kit's one seam for them.
///
/// An engine moves bytes and finds peers that fail; whatever is computed from the bytes is the kit's, so that results do
/// not depend on the engine. `OneProcess` is the engine of a process on its own.
///
/// One thread at a time may use a group.
public protocol ProcessGroup: AnyObject, Sendable {
    /// The number of this process, from 0. Rank 0 writes files and messages.
    var rank: Int { get }
    /// How many processes there are.
    var size: Int { get }
    /// The names of the machines that the processes run on, by rank.
    var hosts: [String] { get }

    /// The number of an exchange to come. Every rank must draw the numbers of the same exchanges in the same order; the
    /// exchanges themselves may begin in any.
    func ticket() -> Int

    /// Starts to send bytes to other ranks and to receive bytes from them.
    ///
    /// - Parameters:
    ///   - ticket: the exchange's number, used once.
    ///   - outgoing: by rank; an empty buffer sends nothing. What stands at this process's own rank is ignored.
    ///   - incoming: by rank; each as large as the other side's outgoing buffer. An empty buffer receives nothing.
    /// - Returns: the exchange. All buffers must stay as they are until it has finished.
    func begin(
        _ ticket: Int, _ outgoing: [UnsafeRawBufferPointer], _ incoming: [UnsafeMutableRawBufferPointer]
    ) throws -> any Exchange

    /// Tells all other ranks that this one gives up: their next exchange throws the error, with this rank's name.
    func abandon(_ error: KitError)

    /// Throws the error of another rank that gave up, with its name. Does not wait.
    func checkPeers() throws

    /// Leaves the group: nothing may be exchanged afterwards. Waits for the other ranks, or ends them if one does not answer.
    ///
    /// - Parameter status: the exit code of this process.
    func end(_ status: Int32)

    /// Whether this rank is the one to say what went wrong: the lowest that answers.
    var speaks: Bool { get }
}

/// Bytes on their way between processes.
public protocol Exchange: AnyObject {
    /// Moves the bytes on without waiting. Returns whether all have arrived.
    @discardableResult
    func poll() throws -> Bool

    /// Waits until all bytes have arrived.
    ///
    /// Throws the error of a rank that gave up, and an error that names the ranks whose bytes have not come by the
    /// group's deadline.
    ///
    /// - Parameter hasDeadline: whether there is one. Ranks that work on their own are waited for as long as they need.
    func finish(hasDeadline: Bool) throws
}

extension Exchange {
    /// Waits until all bytes have arrived, or the group's deadline.
    public func finish() throws { try finish(hasDeadline: true) }
}

extension ProcessGroup {
    /// Whether this process has no peers.
    public var isSingle: Bool { size == 1 }

    /// "rank 3 on node17".
    public func name(of rank: Int) -> String { "rank \(rank) on \(hosts[rank])" }
}

/// A process on its own.
public final class OneProcess: ProcessGroup {
    public let hosts = [ProcessInfo.processInfo.hostName]

    public init() {}

    public var rank: Int { 0 }
    public var size: Int { 1 }

    public func ticket() -> Int { 0 }
    public func begin(
        _ ticket: Int, _ outgoing: [UnsafeRawBufferPointer], _ incoming: [UnsafeMutableRawBufferPointer]
    ) -> any Exchange { Nothing() }

    public func abandon(_ error: KitError) {}
    public func checkPeers() {}
    public func end(_ status: Int32) {}
    public var speaks: Bool { true }

    private final class Nothing: Exchange {
        func poll() -> Bool { true }
        func finish(hasDeadline: Bool) {}
    }
}

extension Session {
    /// The processes that work on what this session does; only this one unless the program was started by a launcher
    /// such as `mpirun`.
    public var processes: any ProcessGroup {
        get { self[Processes.self].group }
        set { self[Processes.self].group = newValue }
    }
}

private final class Processes: SessionPart, @unchecked Sendable {
    var group: any ProcessGroup = OneProcess()
}
