import Glibc
import KitCore
import Synchronization

/// Reuses the memory of freed tensors. Fresh pages would cost 20-45 % of the time of a training step.
///
/// Small blocks are kept by size class (eight classes per power of two, so at most 1/8 is wasted) and reused in
/// last-in, first-out order, while they are still in cache. Large ones share an arena. All are aligned to 64 bytes: one
/// cache line and one AVX-512 register.
public final class BufferPool: Sendable {
    public static let shared = BufferPool()

    private let blocks = Mutex(Blocks())

    public init() {}

    /// Bytes in live tensors.
    public var bytesInUse: Int { blocks.withLock { $0.used } }
    /// The largest number of bytes in live tensors since the last reset.
    public var peakBytesInUse: Int { blocks.withLock { $0.peak } }
    /// Bytes waiting to be reused.
    public var bytesKept: Int { blocks.withLock { $0.kept } }

    public func resetPeak() { blocks.withLock { $0.peak = $0.used } }

    /// Returns all unused blocks to the system.
    public func trim() { blocks.withLock { $0.release() } }

    /// Uninitialised memory. If memory is short, a placeholder, and the shortage is recorded.
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = Self.blockSize(count)
        let block = blocks.withLock { Int(bitPattern: $0.take(bytes)) }
        return UnsafeMutableRawPointer(bitPattern: block)!.bindMemory(to: Float.self, capacity: bytes / 4)
    }

    func give(_ block: UnsafeMutablePointer<Float>, _ count: Int) {
        let block = Int(bitPattern: block)
        blocks.withLock { $0.give(UnsafeMutableRawPointer(bitPattern: block)!, Self.blockSize(count)) }
    }

    /// Blocks of this size or more come from the arena.
    fileprivate static let large = 256 << 10
    fileprivate static let page = 4096

    /// Bytes to reserve for `count` floats.
    static func blockSize(_ count: Int) -> Int {
        // If the size overflows, no machine has that much memory.
        let bytes = max(64, min(count, Int.max / 8) * 4)
        let step = max(64, (1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount)) / 8)
        return bytes >= large ? roundUp(bytes, to: page) : roundUp(bytes, to: step)
    }
}

/// The blocks of a pool. Changed only under its lock.
private struct Blocks {
    private(set) var used = 0
    var peak = 0
    private var free: [Int: [UnsafeMutableRawPointer]] = [:]
    private var arena = Arena()
    private var keptSmall = 0
    /// The placeholders for failed allocations, with their sizes.
    private var standIns: [UnsafeMutableRawPointer: Int] = [:]

    var kept: Int { keptSmall + arena.bytesFree }

    mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        if let block = reused(bytes) ?? fresh(bytes) ?? freshAfterRelease(bytes) {
            used += bytes
            peak = max(peak, used)
            return block
        }
        MemoryShortage.note(bytes)
        let (block, size) = Self.standIn(for: bytes)
        standIns[block] = size
        return block
    }

    mutating func give(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
        if !standIns.isEmpty, let size = standIns.removeValue(forKey: block) {
            munmap(block, size)
            return
        }
        used -= bytes
        if bytes < BufferPool.large {
            free[bytes, default: []].append(block)
            keptSmall += bytes
        } else {
            arena.give(block, bytes)
        }
    }

    private mutating func reused(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes < BufferPool.large, let block = free[bytes]?.popLast() else { return nil }
        keptSmall -= bytes
        return block
    }

    private mutating func fresh(_ bytes: Int) -> UnsafeMutableRawPointer? {
        if bytes >= BufferPool.large {
            // Linux overcommits memory. Checking takes some ten microseconds, filling this much ten milliseconds.
            guard bytes < Self.weighed || arena.holds(bytes) || bytes <= MachineMemory.available else { return nil }
            return arena.take(bytes)
        }
        var memory: UnsafeMutableRawPointer?
        return posix_memalign(&memory, 64, bytes) == 0 ? memory : nil
    }

    /// Freeing unused blocks of other sizes may be enough.
    private mutating func freshAfterRelease(_ bytes: Int) -> UnsafeMutableRawPointer? {
        release()
        return fresh(bytes)
    }

    mutating func release() {
        for blocks in free.values { blocks.forEach { Glibc.free($0) } }
        free.removeAll()
        keptSmall = 0
        arena.trim()
    }

    /// Reserved addresses, of which only the pages that serial code touches get memory; fewer than asked for if address
    /// space is short.
    private static func standIn(for bytes: Int) -> (block: UnsafeMutableRawPointer, size: Int) {
        for shift in 0..<48 {
            let size = roundUp(max(1, min(bytes, 1 << 46) >> shift), to: BufferPool.page)
            let mapped = mmap(
                nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | CInt(MAP_NORESERVE), -1, 0)
            if let mapped, mapped != MAP_FAILED { return (mapped, size) }
        }
        // Not even one page is left, so nothing can continue from here, not even an error.
        let text = "dubkit: out of memory: \(bytes) bytes for a tensor\n"
        _ = text.utf8CString.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count - 1) }
        _exit(KitError.Kind.outOfMemory.rawValue)
    }

    /// Allocations of this size or more are first checked against available memory.
    private static let weighed = 64 << 20
}
