import Glibc

/// Reuses the memory of freed tensors: fresh pages cost a training step 20-45 % of its time.
///
/// Small blocks are kept by size class (eight classes to a power of two, so at most 1/8 is wasted) and handed out again in
/// last-in, first-out order, when they are still in cache; large ones share an arena. All are aligned to 64 bytes, one
/// cache line and one AVX-512 register.
public final class BufferPool: @unchecked Sendable {
    public static let shared = BufferPool()

    private var free: [Int: [UnsafeMutableRawPointer]] = [:]
    private var arena = Arena()
    private var lock = pthread_mutex_t()
    private var used = 0
    private var keptSmall = 0
    private var peak = 0

    public init() { pthread_mutex_init(&lock, nil) }

    /// Bytes in tensors that are alive.
    public var bytesInUse: Int { locked { used } }
    /// The most bytes that were alive at one time since the last reset.
    public var peakBytesInUse: Int { locked { peak } }
    /// Bytes waiting to be reused.
    public var bytesKept: Int { locked { keptSmall + arena.bytesFree } }

    public func resetPeak() { locked { peak = used } }

    /// Gives all unused blocks back to the system.
    public func trim() { locked { release() } }

    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = Self.blockSize(count)
        let block = locked { () -> UnsafeMutableRawPointer? in
            used += bytes
            peak = max(peak, used)
            if let block = reused(bytes) ?? fresh(bytes) { return block }
            release()  // Blocks of other sizes may be all that is missing.
            return fresh(bytes)
        }
        guard let block else { fatalError("out of memory: \(bytes) bytes for a tensor") }
        return block.bindMemory(to: Float.self, capacity: bytes / 4)
    }

    func give(_ block: UnsafeMutablePointer<Float>, _ count: Int) {
        let bytes = Self.blockSize(count)
        locked {
            used -= bytes
            if bytes < Self.large {
                free[bytes, default: []].append(block)
                keptSmall += bytes
            } else {
                arena.give(block, bytes)
            }
        }
    }

    private func reused(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes < Self.large, let block = free[bytes]?.popLast() else { return nil }
        keptSmall -= bytes
        return block
    }

    private func fresh(_ bytes: Int) -> UnsafeMutableRawPointer? {
        if bytes >= Self.large { return arena.take(bytes) }
        var memory: UnsafeMutableRawPointer?
        return posix_memalign(&memory, 64, bytes) == 0 ? memory : nil
    }

    private func release() {
        for blocks in free.values { blocks.forEach { Glibc.free($0) } }
        free.removeAll()
        keptSmall = 0
        arena.trim()
    }

    /// From here on blocks come from the arena.
    private static let large = 256 << 10
    private static let page = 4096

    /// Bytes to reserve for `count` floats.
    static func blockSize(_ count: Int) -> Int {
        let bytes = max(64, count * 4)
        let step = max(64, (1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount)) / 8)
        return bytes >= large ? roundUp(bytes, to: page) : roundUp(bytes, to: step)
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return body()
    }
}
