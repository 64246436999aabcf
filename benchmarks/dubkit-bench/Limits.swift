import Kit

/// What no step can beat: the rate of a large matrix product, and of a pass over memory.
enum Limits {
    static func measure() -> [String: Any] {
        var results: [String: Any] = [
            "threads": ThreadPool.shared.threadCount, "instruction_set": InstructionSet.active,
        ]
        results["sgemm_gflops"] = sgemm()
        results["sgemm_gflops_one_thread"] = ThreadPool.serially { sgemm() }
        results["triad_gbytes"] = triad()
        results["triad_gbytes_one_thread"] = ThreadPool.serially { triad() }
        return results
    }

    /// C = A B of 2048 x 2048.
    private static func sgemm() -> Double {
        let n = 2048
        let (a, b, c) = (Tensor.ones([n, n]), Tensor.ones([n, n]), Tensor.zeros([n, n]))
        let seconds = shortest(of: 5) {
            Gemm.multiply(
                Gemm.Factor(a.pointer, step: n), Gemm.Factor(b.pointer, step: n), into: c.pointer, step: n, m: n, n: n,
                k: n, precision: .float32)
        }
        return 2 * Double(n * n * n) / seconds * 1e-9
    }

    /// a = b + s c over 3 x 256 MB (McCalpin's STREAM).
    private static func triad() -> Double {
        let count = 1 << 26
        let (a, b, c) = (Tensor.ones([count]), Tensor.ones([count]), Tensor.ones([count]))
        let (x, y, z) = (a.pointer, b.pointer, c.pointer)
        let seconds = shortest(of: 5) {
            ThreadPool.shared.forEachRange(count, grain: 1 << 16) { for i in $0 { x[i] = y[i] + 3 * z[i] } }
        }
        return Double(3 * 4 * count) / seconds * 1e-9
    }

    private static func shortest(of repetitions: Int, _ body: () -> Void) -> Double {
        (0..<repetitions).map { _ in seconds(body) }.min()!
    }
}
