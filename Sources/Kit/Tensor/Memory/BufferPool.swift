import Glibc
import KitCore
import Synchronization

/// Reuses the memory of freed tensors: fresh pages cost a training step 20-45 % of its time.
///
/// Small blocks are kept by size class (eight classes to a power of two, so at most 1/8 is wasted) and handed out again in
/// last-in, first-out order, when they are still in cache; large ones share an arena. All are aligned to 64 bytes, one
/// cache line and one AVX-512 register.
public final class BufferPool: Sendable {
    public static let shared = BufferPool()

    private let blocks = Mutex(Blocks())

    public init() {}

    /// Bytes in tensors that are alive.
    public var bytesInUse: Int { blocks.withLock { $0.used } }
    /// The most bytes that were alive at one time since the last reset.
    public var peakBytesInUse: Int { blocks.withLock { $0.peak } }
    /// Bytes waiting to be reused.
    public var bytesKept: Int { blocks.withLock { $0.kept } }

    public func resetPeak() { blocks.withLock { $0.peak = $0.used } }

    /// Gives all unused blocks back to the system.
    public func trim() { blocks.withLock { $0.release() } }

    /// Uninitialised memory. If there is not so much, a stand-in, and a note of the shortage.
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = Self.blockSize(count)
        let block = blocks.withLock { Int(bitPattern: $0.take(bytes)) }
        return UnsafeMutableRawPointer(bitPattern: block)!.bindMemory(to: Float.self, capacity: bytes / 4)
    }

    func give(_ block: UnsafeMutablePointer<Float>, _ count: Int) {
        let block = Int(bitPattern: block)
        blocks.withLock { $0.give(UnsafeMutableRawPointer(bitPattern: block)!, Self.blockSize(count)) }
    }

    /// From here on blocks come from the arena.
    fileprivate static let large = 256 << 10
    fileprivate static let page = 4096

    /// Bytes to reserve for `count` floats.
    static func blockSize(_ count: Int) -> Int {
        // Where that is beyond all numbers, it is beyond all memory too.
        let bytes = max(64, min(count, Int.max / 8) * 4)
        let step = max(64, (1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount)) / 8)
        return bytes >= large ? roundUp(bytes, to: page) : roundUp(bytes, to: step)
    }
}

/// The blocks of a pool; changed under its lock.
private struct Blocks {
    private(set) var used = 0
    var peak = 0
    private var free: [Int: [UnsafeMutableRawPointer]] = [:]
    private var arena = Arena()
    private var keptSmall = 0
    /// What was given out in place of memory that could not be had, with its size.
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
            // The system promises what it has not. To ask takes some ten microseconds, to fill so much ten milliseconds.
            guard bytes < Self.weighed || arena.holds(bytes) || bytes <= MachineMemory.available else { return nil }
            return arena.take(bytes)
        }
        var memory: UnsafeMutableRawPointer?
        return posix_memalign(&memory, 64, bytes) == 0 ? memory : nil
    }

    /// Blocks of other sizes may be all that is missing.
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

    /// Addresses without memory behind them, of which only what serial code touches comes to be; fewer than asked for if
    /// there are not so many.
    private static func standIn(for bytes: Int) -> (block: UnsafeMutableRawPointer, size: Int) {
        for shift in 0..<48 {
            let size = roundUp(max(1, min(bytes, 1 << 46) >> shift), to: BufferPool.page)
            let mapped = mmap(
                nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | CInt(MAP_NORESERVE), -1, 0)
            if let mapped, mapped != MAP_FAILED { return (mapped, size) }
        }
        // Not even a page: nothing can go on from here, not even an error.
        let text = "dubkit: out of memory: \(bytes) bytes for a tensor\n"
        _ = text.utf8CString.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count - 1) }
        _exit(KitError.Kind.outOfMemory.rawValue)
    }

    /// From here on the system is asked whether it has so much.
    private static let weighed = 64 << 20
}
