import Foundation
import KitCore
import KitTensor

/// Upper bounds for the speed of a step: the rate of a large matrix product, and of a pass over memory.
public struct MachineLimits: Sendable {
    /// Floating-point operations per second.
    public let flops: Double
    /// Bytes of main memory per second.
    public let bandwidth: Double

    /// Measures with the threads in use. Takes about half a second.
    public static func measure() -> MachineLimits { MachineLimits(flops: productRate(), bandwidth: triadRate()) }

    /// C = A B of 1536 x 1536.
    private static func productRate() -> Double {
        let n = 1536
        let (a, b, c) = (Tensor.ones([n, n]), Tensor.ones([n, n]), Tensor.zeros([n, n]))
        let seconds = shortest(of: 5) {
            Gemm.multiply(
                Gemm.Factor(a.pointer, step: n), Gemm.Factor(b.pointer, step: n), into: c.pointer, step: n, m: n, n: n,
                k: n, precision: .float32)
        }
        return 2 * Double(n * n * n) / seconds
    }

    /// a = b + s c over 3 x 128 MB (McCalpin's STREAM).
    private static func triadRate() -> Double {
        let count = 1 << 25
        let (a, b, c) = (Tensor.ones([count]), Tensor.ones([count]), Tensor.ones([count]))
        let (x, y, z) = (a.pointer, b.pointer, c.pointer)
        let seconds = shortest(of: 5) {
            ThreadPool.shared.forEachRange(count, grain: 1 << 16) { for i in $0 { x[i] = y[i] + 3 * z[i] } }
        }
        return Double(3 * 4 * count) / seconds
    }

    private static func shortest(of repetitions: Int, _ body: () -> Void) -> Double {
        (0..<repetitions).map { _ in
            let start = SteadyClock.now
            body()
            return SteadyClock.now - start
        }.min()!
    }
}
