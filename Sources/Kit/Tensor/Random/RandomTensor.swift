import CKernels
import KitCore

/// Tensors of random numbers. Element i comes from the i-th number of the stream, so threads can share the work.
extension Tensor {
    /// Uniform in [low, high).
    public static func uniform(_ shape: Shape, _ low: Float, _ high: Float, _ random: inout RandomStream) -> Tensor {
        filled(shape, &random) { numbers, values, count in
            for index in 0..<count { values[index] = low + (high - low) * RandomStream.uniform(numbers[index]) }
        }
    }

    /// Normal with the given mean and standard deviation.
    public static func normal(
        _ shape: Shape, mean: Float = 0, deviation: Float = 1, _ random: inout RandomStream
    ) -> Tensor {
        filled(shape, &random) { dk_active.pointee.normal_numbers($0, mean, deviation, $1, $2) }
    }

    private static func filled(
        _ shape: Shape, _ random: inout RandomStream,
        _ fill: (_ numbers: UnsafePointer<UInt64>, _ values: UnsafeMutablePointer<Float>, _ count: Int) -> Void
    ) -> Tensor {
        let result = Tensor(uninitialized: shape)
        let (values, key, start) = (result.pointer, random.key, random.position)
        ThreadPool.shared.forEachRange(result.count, grain: 4096) { range in
            // One counter of the generator gives two numbers. The range may begin with the second one.
            let first = start &+ UInt64(range.lowerBound)
            let skipped = Int(first & 1)
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: range.count + skipped) { numbers in
                // The words of a number are in little-endian order, as on all machines that the kit supports.
                numbers.withMemoryRebound(to: UInt32.self) {
                    dk_active.pointee.random_words($0.baseAddress!, $0.count, key, first >> 1)
                }
                fill(numbers.baseAddress! + skipped, values + range.lowerBound, range.count)
            }
        }
        random.position &+= UInt64(result.count)
        return result
    }
}
