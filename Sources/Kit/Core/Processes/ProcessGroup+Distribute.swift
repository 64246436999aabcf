import Foundation

extension ProcessGroup {
    /// Distributes independent pieces of work over the ranks in turn: rank 0 does the first, rank 1 the second, and so
    /// on. Ranks wait for the others only at the end, for as long as those need.
    ///
    /// If a piece fails, its rank gives up. The other ranks stop after their current piece. All ranks throw its error. An
    /// engine may end ranks that take longer than its deadline to stop.
    ///
    /// - Parameters:
    ///   - count: the number of pieces, the same on all ranks.
    ///   - work: does one piece and returns its result.
    /// - Returns: all results, in order, on all ranks.
    public func distribute(_ count: Int, _ work: (Int) throws -> Data) throws -> [Data] {
        guard !isSingle else { return try (0..<count).map(work) }
        var own: [Data] = []
        do {
            for piece in stride(from: rank, to: count, by: size) {
                try checkPeers()
                own.append(try work(piece))
            }
        } catch {
            abandon(error.asKitError)
            throw error
        }
        try waitForAll()
        let all = try gather(Array(JSONEncoder().encode(own))).map {
            try JSONDecoder().decode([Data].self, from: Data($0))
        }
        return (0..<count).map { all[$0 % size][$0 / size] }
    }

    /// Waits until all ranks have reached this call, without a deadline.
    private func waitForAll() throws {
        var signs = [UInt8](repeating: 1, count: size)
        try signs.withUnsafeMutableBytes { signs in
            try beginGather(ticket(), into: signs, parts: (0..<size).map { $0..<$0 + 1 }).finish(hasDeadline: false)
        }
    }
}

extension Session {
    /// Runs `body` as if this process had no peers: it trains, embeds and writes without the others.
    public func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
        let together = processes
        processes = OneProcess()
        defer { processes = together }
        return try body()
    }
}
