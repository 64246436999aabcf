import CKernels
import KitCore

/// Upper bounds for the speed of any work on this machine, measured with the threads and the instruction set in use.
public struct MachineLimits: Sendable {
    /// Floating-point operations per second. A multiplication and an addition are two.
    public let flops: Double
    /// Bytes of main memory per second.
    public let bandwidth: Double
    /// The arithmetic of `flops`.
    public let precision: ProductPrecision

    /// The limits for the arithmetic of the calling thread. Takes about a second, and 768 MB of memory.
    public static func measure() -> MachineLimits {
        MachineLimits(flops: peak(of: .current), bandwidth: triadRate(), precision: .current)
    }

    /// The rate of a loop that only multiplies and adds in a precision, in registers, in operations per second. Without
    /// instructions for bfloat16, its peak is that of float32, which computes its products.
    public static func peak(of precision: ProductPrecision) -> Double {
        let kernels = dk_active.pointee
        let floats = Int(DK_PEAK_FLOATS)
        guard precision == .bfloat16, kernels.capabilities.has_pair_products else {
            return peak(floats, rounds: 1 << 19, flops: 2) { kernels.fma_peak($0, 0.5, 0.5, $1) }
        }
        let pair = Float(bitPattern: 0x3a80_3a80)  // 2^-10 twice: sums stay small.
        guard kernels.capabilities.has_tiles else {
            return peak(floats, rounds: 1 << 19, flops: 4) { kernels.pair_peak($0, pair, pair, $1) }
        }
        return peak(Int(DK_TILE_PEAK_FLOATS), rounds: 1 << 14, flops: 64) { kernels.tile_peak($0, pair, pair, $1) }
    }

    /// `loop` computes for a number of rounds on the floats that it is given, `flops` operations on each of them per
    /// round. The rounds take about a millisecond, short enough that nothing else runs in between at least once.
    private static func peak(
        _ floats: Int, rounds: Int, flops: Int, _ loop: (UnsafeMutablePointer<Float>, Int) -> Void
    ) -> Double {
        // Several tiles for each thread, because a thread may be interrupted or start late.
        let tiles = 4 * ThreadPool.shared.threadCount
        let numbers = Tensor.ones([tiles, floats])
        let seconds = shortest(within: 0.4) {
            ThreadPool.shared.forEach(tiles) { loop(numbers.pointer + $0 * floats, rounds) }
        }
        return Double(flops * tiles * floats * rounds) / seconds
    }

    /// The rate of a = b + s c over 3 x 256 MB (McCalpin's STREAM triad), in bytes per second.
    public static func triadRate() -> Double {
        let count = 1 << 26
        let (a, b, c) = (Tensor.ones([count]), Tensor.ones([count]), Tensor.ones([count]))
        let seconds = shortest(within: 0.4) {
            ThreadPool.shared.forEachRange(count, grain: 1 << 16) {
                let first = $0.lowerBound
                dk_active.pointee.triad(a.pointer + first, b.pointer + first, c.pointer + first, 3, $0.count)
            }
        }
        return Double(3 * 4 * count) / seconds
    }

    /// The shortest time of `body`, which is repeated for some seconds, and at least three times.
    private static func shortest(within seconds: Double, _ body: () -> Void) -> Double {
        let start = SteadyClock.now
        var times: [Double] = []
        while times.count < 3 || SteadyClock.now - start < seconds {
            let begin = SteadyClock.now
            body()
            times.append(SteadyClock.now - begin)
        }
        return times.min()!
    }
}
