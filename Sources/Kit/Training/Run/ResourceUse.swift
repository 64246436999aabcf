import Glibc
import KitTensor

/// The memory that this process has taken.
public struct ResourceUse: Encodable {
    /// The most physical memory that the process held at one time.
    public let peakBytes: Int
    /// The most bytes in tensors that were alive at one time.
    public let peakTensorBytes: Int

    public static var current: ResourceUse {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        // Linux counts in KiB here.
        return ResourceUse(
            peakBytes: Int(usage.ru_maxrss) * 1024, peakTensorBytes: BufferPool.shared.peakBytesInUse)
    }
}
