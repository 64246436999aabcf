import KitTensor

extension ElementType {
    /// Fills a buffer with bytes of a file, from a place on.
    typealias Source = (_ bytes: UnsafeMutableRawBufferPointer, _ place: Int) throws -> Void

    /// Reads a tensor's elements, which are stored one after the other from `start` on, and converts them to floats with
    /// the type's `converter`. Reads in pieces, so that memory use does not double.
    func read(_ tensor: Tensor, from start: Int, _ convert: Converter, _ source: Source) throws {
        let (size, count) = (bits / 8, tensor.count)
        let piece = min(count, (1 << 20) / size)
        guard piece > 0 else { return }
        let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: piece * size, alignment: 16)
        defer { stored.deallocate() }
        for done in stride(from: 0, to: count, by: piece) {
            let part = min(piece, count - done)
            try source(UnsafeMutableRawBufferPointer(rebasing: stored[..<(part * size)]), start + done * size)
            convert(stored.baseAddress!, part, tensor.pointer + done)
        }
    }
}
