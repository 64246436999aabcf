extension ProcessGroup {
    /// Distributes independent pieces of work over the ranks in turn: rank 0 does the first, rank 1 the second, and so
    /// on. Ranks wait for the others only at the end, for as long as those need.
    ///
    /// If a piece fails, its rank gives up. The other ranks stop after their current piece. All ranks throw its error.
    ///
    /// - Parameters:
    ///   - count: the number of pieces, the same on all ranks.
    ///   - work: does one piece and returns its result.
    /// - Returns: all results, in order, on all ranks.
    public func distribute(_ count: Int, _ work: (Int) throws -> [UInt8]) throws -> [[UInt8]] {
        guard !isSingle else { return try (0..<count).map(work) }
        var own: [UInt8] = []
        do {
            for piece in stride(from: rank, to: count, by: size) {
                try checkPeers()
                own += Self.framed(try work(piece))
            }
        } catch {
            abandon(error.asKitError)
            throw error
        }
        try waitForAll()
        var results = [[UInt8]](repeating: [], count: count)
        for (rank, bytes) in try gather(own).enumerated() {
            var rest = bytes[...]
            for piece in stride(from: rank, to: count, by: size) { results[piece] = Self.takeFrame(&rest) }
        }
        return results
    }

    /// Waits until all ranks have reached this call, without a deadline.
    private func waitForAll() throws {
        var signs = [UInt8](repeating: 1, count: size)
        try signs.withUnsafeMutableBytes { signs in
            try beginGather(ticket(), into: signs, parts: (0..<size).map { $0..<$0 + 1 }).finish(hasDeadline: false)
        }
    }

    /// The bytes, preceded by their count.
    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian, Array.init) + bytes
    }

    private static func takeFrame(_ bytes: inout ArraySlice<UInt8>) -> [UInt8] {
        let count = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        defer { bytes = bytes.dropFirst(8 + count) }
        return Array(bytes.dropFirst(8).prefix(count))
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
