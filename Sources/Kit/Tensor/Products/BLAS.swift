import COpenBLAS
import KitCore

/// The engine behind `Gemm` for unpacked factors on processors without wide vectors: OpenBLAS, on the calling thread.
enum BLAS {
    /// C = alpha A B + beta C, as `Gemm.multiplySerially`.
    static func multiply(
        _ a: Gemm.Factor, _ b: Gemm.Factor, into c: UnsafeMutablePointer<Float>, step: Int, m: Int, n: Int, k: Int,
        alpha: Float, beta: Float
    ) {
        // A few hundredths of a second at a time, so that an interrupt is noticed.
        let columns = max(256, (1 << 31) / (m * max(1, k)) / Gemm.blockColumns * Gemm.blockColumns)
        for column in stride(from: 0, to: n, by: columns) where !ThreadPool.isAbandoned {
            let b = b.from(row: 0, column: column)
            cblas_sgemm(
                CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
                blasint(m), blasint(min(columns, n - column)), blasint(k), alpha, a.pointer, blasint(max(1, a.step)),
                b.pointer, blasint(max(1, b.step)), beta, c + column, blasint(max(1, step)))
        }
    }
}
