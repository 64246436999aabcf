import COpenBLAS
import KitCore

/// Matrix products in double precision by BLAS, for solvers that need more digits than `Gemm` gives.
public enum DoubleGemm {
    /// C = op(A) op(B) + beta C on the calling thread, all row-major without gaps: op(A) is [m, k], op(B) [k, n], C [m, n].
    public static func multiplySerially(
        _ a: UnsafePointer<Double>, transposeA: Bool = false, _ b: UnsafePointer<Double>,
        transposeB: Bool = false, into c: UnsafeMutablePointer<Double>, m: Int, n: Int, k: Int,
        beta: Double = 0
    ) {
        guard m > 0, n > 0, k > 0 else { return }
        cblas_dgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, blasint(m),
            blasint(n), blasint(k), 1, a, blasint(transposeA ? m : k), b, blasint(transposeB ? k : n), beta, c,
            blasint(n))
    }
}
