import Foundation

/// The processes that were started together to do one piece of work, each with a rank. All communication between them
/// goes through this protocol.
///
/// An engine implements the protocol: it moves bytes and detects peers that fail. The kit does all arithmetic itself,
/// so results do not depend on the engine. `OneProcess` is the engine of a process without peers.
///
/// Only one thread at a time may use a group.
public protocol ProcessGroup: AnyObject, Sendable {
    /// The number of this process, from 0. Rank 0 writes files and messages.
    var rank: Int { get }
    /// The number of processes.
    var size: Int { get }
    /// The names of the machines on which the processes run, by rank.
    var hosts: [String] { get }

    /// Draws the number of a future exchange. Every rank must draw the numbers of the same exchanges in the same order;
    /// the exchanges themselves may begin in any order.
    func ticket() -> Int

    /// Starts to send bytes to other ranks and to receive bytes from them.
    ///
    /// - Parameters:
    ///   - ticket: the exchange's number, used once.
    ///   - outgoing: the bytes for each rank, by rank; an empty buffer sends nothing. The entry of this process itself
    ///     is ignored.
    ///   - incoming: the memory for the bytes of each rank, by rank; each as large as the sender's outgoing buffer. An
    ///     empty buffer receives nothing.
    /// - Returns: the exchange. All buffers must remain valid and unchanged until it has finished.
    func begin(
        _ ticket: Int, _ outgoing: [UnsafeRawBufferPointer], _ incoming: [UnsafeMutableRawBufferPointer]
    ) throws -> any Exchange

    /// Tells all other ranks that this rank gives up. Their next exchange throws the error, prefixed with this rank's
    /// name.
    func abandon(_ error: KitError)

    /// The bytes that this process has sent so far, and the time that it has waited.
    var traffic: ProcessTraffic { get }

    /// Throws the error of another rank that has given up, if there is one, prefixed with that rank's name. Does not
    /// wait.
    func checkPeers() throws

    /// Leaves the group; nothing may be exchanged afterwards. Waits for the other ranks, or ends them if one does not
    /// answer.
    ///
    /// - Parameter status: the exit code of this process.
    func end(_ status: Int32)

    /// Whether this rank reports errors: true for the lowest rank that still answers.
    var speaks: Bool { get }
}

/// A transfer of bytes between processes.
public protocol Exchange: AnyObject {
    /// Makes progress without waiting. Returns whether all bytes have arrived.
    @discardableResult
    func poll() throws -> Bool

    /// Waits until all bytes have arrived.
    ///
    /// Throws the error of a rank that gave up. After the group's deadline, throws an error that names the ranks whose
    /// bytes have not arrived.
    ///
    /// - Parameter hasDeadline: whether the deadline applies. Without it, ranks that work
    ///   independently get as long as they need.
    func finish(hasDeadline: Bool) throws
}

extension Exchange {
    /// Waits until all bytes have arrived, or the group's deadline.
    public func finish() throws { try finish(hasDeadline: true) }
}

extension ProcessGroup {
    /// Whether this process has no peers.
    public var isSingle: Bool { size == 1 }

    /// The number of processes on each machine.
    public var processesByHost: [String: Int] { Dictionary(grouping: hosts) { $0 }.mapValues(\.count) }

    /// A rank's name in messages, such as "rank 3 on node17".
    public func name(of rank: Int) -> String { "rank \(rank) on \(hosts[rank])" }
}

/// The traffic of a process with its peers.
public struct ProcessTraffic: Sendable {
    /// The bytes that it sent.
    public var bytes = 0
    /// The number of times that it exchanged something with all others.
    public var exchanges = 0
    /// The seconds that it only waited for other ranks.
    public var seconds = 0.0

    public init() {}

    /// The traffic since an earlier reading.
    public func since(_ earlier: Self) -> Self {
        var rest = self
        rest.bytes -= earlier.bytes
        rest.exchanges -= earlier.exchanges
        rest.seconds -= earlier.seconds
        return rest
    }
}

/// A process without peers.
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
    public var traffic: ProcessTraffic { ProcessTraffic() }

    private final class Nothing: Exchange {
        func poll() -> Bool { true }
        func finish(hasDeadline: Bool) {}
    }
}

extension Session {
    /// The processes of this session: only this one, unless a launcher such as `mpirun` started the program.
    public var processes: any ProcessGroup {
        get { self[Processes.self].group }
        set { self[Processes.self].group = newValue }
    }
}

private final class Processes: SessionPart, @unchecked Sendable {
    var group: any ProcessGroup = OneProcess()
}
