import CMPI
import Foundation
import KitCore

/// Processes that Open MPI connects, as started by `mpirun` or `srun`.
public final class MPIGroup: ProcessGroup, @unchecked Sendable {
    public let rank: Int
    public let size: Int
    public private(set) var hosts: [String] = []
    /// The longest time for an exchange, in seconds.
    let deadline: Double

    /// The number of tickets drawn so far.
    private var exchanges = 0
    private var hasGivenUp = false
    public internal(set) var traffic = ProcessTraffic()
    /// The ranks that do not answer.
    var silent: Set<Int> = []

    /// Joins the processes that were started with this one.
    ///
    /// - Parameter deadline: the seconds that this process waits for another process's part of an exchange.
    public init(deadline: Double) throws {
        if let reason = dubkit_open_mpi() {
            throw KitError(.configuration, "Open MPI failed to load: \(String(cString: reason))")
        }
        var (rank, size): (Int32, Int32) = (0, 1)
        try Self.check(BoundedCall.run(deadline, "join") { dubkit_mpi_start(&rank, &size) }, "start")
        (self.rank, self.size, self.deadline) = (Int(rank), Int(size), deadline)
        hosts = Array(repeating: "an unknown host", count: self.size)
        hosts = try gather(Array(ProcessInfo.processInfo.hostName.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    public func ticket() -> Int {
        exchanges += 1
        return exchanges
    }

    public func begin(
        _ ticket: Int, _ outgoing: [UnsafeRawBufferPointer], _ incoming: [UnsafeMutableRawBufferPointer]
    ) throws -> any Exchange {
        traffic.exchanges += 1
        // By the time a tag is used again, the exchange that had it is long over.
        return try MPIExchange(self, tag: Tag.firstExchange + Int32(ticket % (1 << 20)), outgoing, incoming)
    }

    public func abandon(_ error: KitError) {
        guard !hasGivenUp else { return }
        hasGivenUp = true
        let notice = Array(GivenUp(kind: error.kind.rawValue, message: error.message).bytes.prefix(GivenUp.most))
        // Small messages are sent at once. A rank that does not receive its message is waited for only briefly.
        var requests = (0..<size).filter { $0 != rank }.map { peer in
            var request: dubkit_mpi_request?
            _ = dubkit_mpi_send(notice, Int32(notice.count), Int32(peer), Tag.givenUp, &request)
            return request
        }
        let start = ProcessInfo.processInfo.systemUptime
        while requests.contains(where: { $0 != nil }), ProcessInfo.processInfo.systemUptime - start < 2 {
            for index in requests.indices where requests[index] != nil {
                var (isDone, count): (Int32, Int32) = (0, 0)
                if dubkit_mpi_test(&requests[index], &isDone, &count) != 0 { requests[index] = nil }
            }
            usleep(1000)
        }
        withExtendedLifetime(notice) {}
    }

    public func end(_ status: Int32) {
        guard silent.isEmpty else { return dubkit_mpi_abort(status) }
        _ = BoundedCall.run(deadline, "leave", status: status, dubkit_mpi_end)
    }

    public var speaks: Bool { rank == (0..<size).first { !silent.contains($0) } }

    public func checkPeers() throws {
        var (hasCome, from, count): (Int32, Int32, Int32) = (0, 0, 0)
        try Self.check(dubkit_mpi_probe(Tag.givenUp, &hasCome, &from, &count), "probe")
        guard hasCome != 0 else { return }
        hasGivenUp = true
        var bytes = [UInt8](repeating: 0, count: Int(count))
        var request: dubkit_mpi_request?
        try Self.check(dubkit_mpi_receive(&bytes, count, from, Tag.givenUp, &request), "receive")
        var isDone: Int32 = 0
        while isDone == 0 { try Self.check(dubkit_mpi_test(&request, &isDone, &count), "receive") }
        let notice = GivenUp(bytes)
        throw KitError(
            KitError.Kind(rawValue: notice.kind) ?? .internalFault, "\(name(of: Int(from))): \(notice.message)")
    }

    static func check(_ code: Int32, _ what: String) throws {
        guard code != 0 else { return }
        var words = [CChar](repeating: 0, count: 512)
        dubkit_mpi_error(code, &words, words.count)
        let reason = String(decoding: words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        throw KitError(.inputOutput, "Open MPI (\(what)): \(reason)")
    }

    enum Tag {
        static let givenUp: Int32 = 1
        static let firstExchange: Int32 = 2
    }
}

/// The message of a rank that gives up.
private struct GivenUp {
    /// The maximum size of a notice in bytes; the rest is not sent.
    static let most = 4000
    let kind: Int32
    let message: String

    init(kind: Int32, message: String) { (self.kind, self.message) = (kind, message) }

    init(_ bytes: [UInt8]) {
        kind = Int32(bytes.first ?? 0)
        message = String(decoding: bytes.dropFirst(), as: UTF8.self)
    }

    /// A kind is an exit code, which fits into one byte.
    var bytes: [UInt8] { [UInt8(truncatingIfNeeded: kind)] + Array(message.utf8) }
}
