import Glibc
import KitTensor

/// The memory use of this process.
public struct ResourceUse: Encodable {
    /// The peak of physical memory in bytes.
    public let peakBytes: Int
    /// The peak of bytes in live tensors.
    public let peakTensorBytes: Int

    public static var current: ResourceUse {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        // Linux counts in KiB here.
        return ResourceUse(
            peakBytes: Int(usage.ru_maxrss) * 1024, peakTensorBytes: BufferPool.shared.peakBytesInUse)
    }
}
