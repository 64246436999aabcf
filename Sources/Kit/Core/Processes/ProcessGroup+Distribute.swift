extension ProcessGroup {
    /// Shares out pieces of work that do not need each other: rank 0 does the first, rank 1 the second, and so on in turns.
    /// Ranks wait for the others at the end only, and for as long as those need.
    ///
    /// If a piece fails, its rank gives up, and the others do after the piece that they are at. All throw its error.
    ///
    /// - Parameters:
    ///   - count: how many pieces there are, the same on all ranks.
    ///   - work: does one and returns its result.
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

    /// Waits until all ranks have come here, without a deadline.
    private func waitForAll() throws {
        var signs = [UInt8](repeating: 1, count: size)
        try signs.withUnsafeMutableBytes { signs in
            try beginGather(ticket(), into: signs, parts: (0..<size).map { $0..<$0 + 1 }).finish(hasDeadline: false)
        }
    }

    /// The bytes, after their number.
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
    /// Runs `body` as if this process were on its own: what it trains, embeds or writes does not concern the others.
    public func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
        let together = processes
        processes = OneProcess()
        defer { processes = together }
        return try body()
    }
}
