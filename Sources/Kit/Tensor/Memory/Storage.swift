import KitCore

/// A block of floats from the buffer pool, returned when the last tensor that uses it is freed.
public final class Storage {
    public let pointer: UnsafeMutablePointer<Float>
    public let count: Int
    private let pool: BufferPool

    /// Uninitialised floats.
    public init(count: Int, pool: BufferPool = .shared) {
        self.count = count
        self.pool = pool
        pointer = pool.take(count)
    }

    public convenience init(_ values: [Float]) {
        self.init(count: values.count)
        guard !MemoryShortage.isPending, !values.isEmpty else { return }
        values.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress!, count: values.count) }
    }

    deinit { pool.give(pointer, count) }
}
