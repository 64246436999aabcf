// Exchanges that involve all ranks, built on `begin`.

extension ProcessGroup {
    /// Collects the parts of all ranks, so that every rank has the whole memory.
    ///
    /// - Parameters:
    ///   - memory: of the same size on all ranks; this rank's part is already in it.
    ///   - parts: the range of bytes of each rank, by rank; the same on all ranks.
    public func gather(into memory: UnsafeMutableRawBufferPointer, parts: [Range<Int>]) throws {
        guard !isSingle else { return }
        try beginGather(ticket(), into: memory, parts: parts).finish()
    }

    /// Starts `gather(into:parts:)` without waiting for it.
    func beginGather(
        _ ticket: Int, into memory: UnsafeMutableRawBufferPointer, parts: [Range<Int>]
    ) throws -> any Exchange {
        let own = UnsafeRawBufferPointer(rebasing: memory[parts[rank]])
        let incoming = parts.enumerated().map {
            $0 == rank ? .none : UnsafeMutableRawBufferPointer(rebasing: memory[$1])
        }
        return try begin(ticket, Array(repeating: own, count: size), incoming)
    }

    /// Gathers the bytes of every rank, in the order of the ranks. Their sizes may differ.
    public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
        guard !isSingle else { return [bytes] }
        var counts = [Int](repeating: bytes.count, count: size)
        let width = MemoryLayout<Int>.size
        try counts.withUnsafeMutableBytes { memory in
            try gather(into: memory, parts: (0..<size).map { $0 * width..<($0 + 1) * width })
        }
        let ends = counts.indices.map { counts[...$0].reduce(0, +) }
        let parts = zip(ends, counts).map { $0 - $1..<$0 }
        var all = [UInt8](repeating: 0, count: ends.last ?? 0)
        all.replaceSubrange(parts[rank], with: bytes)
        try all.withUnsafeMutableBytes { try gather(into: $0, parts: parts) }
        return parts.map { Array(all[$0]) }
    }

    /// Copies the memory of rank 0 to all ranks. Rank 0 sends one part to each rank, and the ranks then exchange their
    /// parts. So rank 0 sends about twice the bytes, however many ranks there are.
    public func broadcast(_ memory: UnsafeMutableRawBufferPointer) throws {
        guard !isSingle else { return }
        let parts = (0..<size).map { $0 * memory.count / size..<($0 + 1) * memory.count / size }
        var outgoing = [UnsafeRawBufferPointer](repeating: .none, count: size)
        var incoming = [UnsafeMutableRawBufferPointer](repeating: .none, count: size)
        if rank == 0 {
            outgoing = parts.map { UnsafeRawBufferPointer(rebasing: memory[$0]) }
        } else {
            incoming[0] = UnsafeMutableRawBufferPointer(rebasing: memory[parts[rank]])
        }
        try begin(ticket(), outgoing, incoming).finish()
        try gather(into: memory, parts: parts)
    }

    /// Returns the bytes of rank 0 on all ranks; the bytes of other ranks are ignored.
    public func broadcast(_ bytes: [UInt8]) throws -> [UInt8] {
        try gather(rank == 0 ? bytes : [])[0]
    }

    /// Runs `body` on rank 0 while the other ranks wait. If it throws, all ranks throw the same error.
    public func onFirst(_ body: () throws -> Void) throws {
        var failure: (any Error)?
        if rank == 0 { do { try body() } catch { failure = error } }
        let error = failure?.asKitError
        let told = try broadcast(
            error.map { [UInt8(truncatingIfNeeded: $0.kind.rawValue)] + Array($0.message.utf8) } ?? [])
        if let failure { throw failure }
        guard let code = told.first else { return }
        throw KitError(
            KitError.Kind(rawValue: Int32(code)) ?? .internalFault, String(decoding: told.dropFirst(), as: UTF8.self))
    }

    /// Waits until all ranks have reached this call.
    public func barrier() throws { _ = try gather([]) }
}

extension UnsafeRawBufferPointer {
    fileprivate static var none: Self { Self(start: nil, count: 0) }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate static var none: Self { Self(start: nil, count: 0) }
}
