import Foundation
import Kit

/// Ranks that are threads of one process: an engine for tests that moves bytes through a table.
public final class ThreadRanks: @unchecked Sendable {
    private struct Letter: Hashable {
        let from: Int
        let to: Int
        let ticket: Int
    }

    private let size: Int
    private let deadline: Double
    private let condition = NSCondition()
    private var letters: [Letter: [UInt8]] = [:]
    private var givenUp: (rank: Int, error: KitError)?
    /// The number of bytes sent so far.
    private var sent = 0

    private init(_ size: Int, deadline: Double) { (self.size, self.deadline) = (size, deadline) }

    /// Runs `body` on each rank in its own session, and returns what each rank returned or threw.
    public static func run<Value>(
        _ size: Int, deadline: Double = 120, _ body: @escaping (_ group: any ProcessGroup) throws -> Value
    ) -> [Result<Value, any Error>] {
        let ranks = ThreadRanks(size, deadline: deadline)
        var results = [Result<Value, any Error>?](repeating: nil, count: size)
        nonisolated(unsafe) let body = body
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            let done = DispatchGroup()
            for rank in 0..<size {
                done.enter()
                let thread = Thread {
                    let session = Session()
                    session.processes = Rank(ranks, rank)
                    results[rank] = session.run { Result { try body(session.processes) } }
                    done.leave()
                }
                thread.stackSize = 16 << 20
                thread.start()
            }
            done.wait()
        }
        return results.map { $0! }
    }

    private final class Rank: ProcessGroup, @unchecked Sendable {
        let ranks: ThreadRanks
        let rank: Int
        var drawn = 0

        init(_ ranks: ThreadRanks, _ rank: Int) { (self.ranks, self.rank) = (ranks, rank) }

        var size: Int { ranks.size }
        var hosts: [String] { (0..<size).map { "host\($0)" } }
        var speaks: Bool { rank == 0 }
        var traffic: ProcessTraffic { ProcessTraffic() }

        func ticket() -> Int {
            drawn += 1
            return drawn
        }

        func begin(
            _ ticket: Int, _ outgoing: [UnsafeRawBufferPointer], _ incoming: [UnsafeMutableRawBufferPointer]
        ) -> any Exchange {
            ranks.condition.withLock {
                for (peer, bytes) in outgoing.enumerated() where peer != rank && bytes.count > 0 {
                    ranks.letters[Letter(from: rank, to: peer, ticket: ticket)] = Array(bytes)
                    ranks.sent += bytes.count
                }
                ranks.condition.broadcast()
            }
            return Delivery(self, ticket, incoming)
        }

        func abandon(_ error: KitError) {
            ranks.condition.withLock {
                ranks.givenUp = ranks.givenUp ?? (rank, error)
                ranks.condition.broadcast()
            }
        }

        func checkPeers() throws { try ranks.condition.withLock(throwPeersError) }

        /// The error of another rank that gave up. The caller holds the lock.
        func throwPeersError() throws {
            guard let (from, error) = ranks.givenUp, from != rank else { return }
            throw KitError(error.kind, "\(name(of: from)): \(error.message)")
        }

        func end(_ status: Int32) {}
    }

    private final class Delivery: Exchange {
        private let rank: Rank
        private let ticket: Int
        private var waiting: [(from: Int, buffer: UnsafeMutableRawBufferPointer)]

        init(_ rank: Rank, _ ticket: Int, _ incoming: [UnsafeMutableRawBufferPointer]) {
            (self.rank, self.ticket) = (rank, ticket)
            waiting = incoming.enumerated().filter { $0 != rank.rank && $1.count > 0 }.map { ($0, $1) }
        }

        func poll() throws -> Bool { try rank.ranks.condition.withLock(take) }

        private func take() throws -> Bool {
            try waiting.removeAll { from, buffer in
                let letter = Letter(from: from, to: rank.rank, ticket: ticket)
                guard let bytes = rank.ranks.letters.removeValue(forKey: letter) else { return false }
                guard bytes.count == buffer.count else {
                    throw KitError(.internalFault, "received \(bytes.count) bytes instead of \(buffer.count)")
                }
                buffer.copyBytes(from: bytes)
                return true
            }
            return waiting.isEmpty
        }

        func finish(hasDeadline: Bool) throws {
            // A day at most: `NSCondition` cannot wait until the distant future.
            let end = Date(timeIntervalSinceNow: hasDeadline ? rank.ranks.deadline : 86_400)
            try rank.ranks.condition.withLock {
                while try !take() {
                    try rank.throwPeersError()
                    guard rank.ranks.condition.wait(until: end) else {
                        throw KitError(.tryAgain, "no answer from \(waiting.map { rank.name(of: $0.from) })")
                    }
                }
            }
        }
    }
}
