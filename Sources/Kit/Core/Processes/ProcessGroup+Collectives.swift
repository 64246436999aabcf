// Exchanges in which all ranks take part, made of `begin`.

extension ProcessGroup {
    /// Fills memory of which each rank has a part with the parts of the others.
    ///
    /// - Parameters:
    ///   - memory: the same size on all ranks.
    ///   - parts: the bytes of each rank, by rank; the same on all ranks.
    public func gather(into memory: UnsafeMutableRawBufferPointer, parts: [Range<Int>]) throws {
        guard !isSingle else { return }
        try beginGather(ticket(), into: memory, parts: parts).finish()
    }

    /// The same without waiting.
    func beginGather(
        _ ticket: Int, into memory: UnsafeMutableRawBufferPointer, parts: [Range<Int>]
    ) throws -> any Exchange {
        let own = UnsafeRawBufferPointer(rebasing: memory[parts[rank]])
        let incoming = parts.enumerated().map {
            $0 == rank ? .none : UnsafeMutableRawBufferPointer(rebasing: memory[$1])
        }
        return try begin(ticket, Array(repeating: own, count: size), incoming)
    }

    /// What every rank gives, by rank. Sizes may differ.
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

    /// Makes the memory of all ranks the same as that of rank 0, which sends a part to each rank; the ranks then send these
    /// to each other. So rank 0 sends about twice the bytes, however many ranks there are.
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

    /// The bytes of rank 0, on all ranks; what other ranks give is ignored.
    public func broadcast(_ bytes: [UInt8]) throws -> [UInt8] {
        try gather(rank == 0 ? bytes : [])[0]
    }

    /// Has rank 0 do something, for which the others wait. All throw what rank 0 throws.
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

    /// Waits until all ranks have come here.
    public func barrier() throws { _ = try gather([]) }
}

extension UnsafeRawBufferPointer {
    fileprivate static var none: Self { Self(start: nil, count: 0) }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate static var none: Self { Self(start: nil, count: 0) }
}
