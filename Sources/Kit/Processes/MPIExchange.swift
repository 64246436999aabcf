import CMPI
import Foundation
import KitCore

/// Messages from and to each rank, polled until all have arrived.
final class MPIExchange: Exchange {
    private struct Message {
        let peer: Int
        /// The number of bytes to receive; nil for a message that is sent.
        let expected: Int?
        var request: dubkit_mpi_request?
    }

    /// The largest message in bytes. Longer ones are sent in pieces: each that arrives shows that the rest is on its way.
    private static let longest = 1 << 20
    /// The seconds without an arrival after which this thread sleeps between polls. Open MPI moves bytes only while it is
    /// polled, a few kilobytes at a time, so sleeping between them would take several times as long.
    private static let patience = 2e-3
    /// The longest sleep in microseconds.
    private static let longestSleep = 1000.0

    private let group: MPIGroup
    private var messages: [Message] = []

    init(
        _ group: MPIGroup, tag: Int32, _ outgoing: [UnsafeRawBufferPointer], _ incoming: [UnsafeMutableRawBufferPointer]
    ) throws {
        self.group = group
        // Receive first, so that arriving bytes go straight to their place. Each rank starts with its neighbour, so
        // that not all ranks send to the same one.
        for distance in 1..<max(1, group.size) {
            let peer = (group.rank + group.size - distance) % group.size
            let buffer = incoming[peer]
            for start in stride(from: 0, to: buffer.count, by: Self.longest) {
                let count = min(Self.longest, buffer.count - start)
                var request: dubkit_mpi_request?
                try MPIGroup.check(
                    dubkit_mpi_receive(buffer.baseAddress! + start, Int32(count), Int32(peer), tag, &request), "receive"
                )
                messages.append(Message(peer: peer, expected: count, request: request))
            }
        }
        for distance in 1..<max(1, group.size) {
            let peer = (group.rank + distance) % group.size
            let buffer = outgoing[peer]
            for start in stride(from: 0, to: buffer.count, by: Self.longest) {
                let count = min(Self.longest, buffer.count - start)
                var request: dubkit_mpi_request?
                try MPIGroup.check(
                    dubkit_mpi_send(buffer.baseAddress! + start, Int32(count), Int32(peer), tag, &request), "send")
                messages.append(Message(peer: peer, expected: nil, request: request))
                group.traffic.bytes += count
            }
        }
    }

    /// Cancels the messages that have not arrived.
    deinit { for index in messages.indices { dubkit_mpi_cancel(&messages[index].request) } }

    func poll() throws -> Bool {
        for index in messages.indices where messages[index].request != nil {
            var (isDone, count): (Int32, Int32) = (0, 0)
            let code = dubkit_mpi_test(&messages[index].request, &isDone, &count)
            let message = messages[index]
            guard code == 0 else {
                messages[index].request = nil
                throw mismatch(message)
            }
            if isDone != 0, let expected = message.expected, Int(count) != expected { throw mismatch(message) }
        }
        return messages.allSatisfy { $0.request == nil }
    }

    func finish(hasDeadline: Bool) throws {
        let start = SteadyClock.now
        defer { group.traffic.seconds += SteadyClock.now - start }
        var (arrival, missing) = (start, messages.count)
        while try !poll() {
            let (now, rest) = (SteadyClock.now, messages.count { $0.request != nil })
            if rest < missing { (arrival, missing) = (now, rest) }
            guard now - arrival > Self.patience else {
                sched_yield()
                continue
            }
            try group.checkPeers()
            if Interrupt.mustStop { throw KitError(.interrupted, "interrupted") }
            guard !hasDeadline || now - start < group.deadline else { throw noAnswer() }
            // Longer and longer: what did not come at once is a slower rank's, which may need this core.
            usleep(UInt32(min(Self.longestSleep, (now - arrival) * 1e6 / 40)))
        }
    }

    private func mismatch(_ message: Message) -> KitError {
        KitError(
            .internalFault,
            "\(group.name(of: message.peer)) and \(group.name(of: group.rank)) exchange different things: every rank must do the same steps"
        )
    }

    /// The error that names the ranks that have not answered. They cannot be told, so `end` will end them.
    private func noAnswer() -> KitError {
        let peers = Set(messages.filter { $0.request != nil }.map(\.peer)).sorted()
        group.silent.formUnion(peers)
        let names = peers.map(group.name(of:)).joined(separator: ", ")
        return KitError(
            .tryAgain,
            "no answer for \(Int(group.deadline)) s from \(names) (--peer-timeout): resume from the last checkpoint with --resume auto"
        )
    }
}
