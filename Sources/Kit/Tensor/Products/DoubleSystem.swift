import COpenBLAS
import KitCore

/// Systems of linear equations in double precision, by LAPACK.
public enum DoubleSystem {
    /// Solves A x = b for a symmetric, row-major matrix A [n, n]; nil if A is exactly singular.
    public static func solve(symmetric a: [Double], _ b: [Double]) -> [Double]? {
        precondition(a.count == b.count * b.count, "a system of \(b.count) equations needs a square matrix")
        var (matrix, x) = (a, b)
        var (n, one, info) = (blasint(b.count), blasint(1), blasint(0))
        var (rows, columns) = (n, n)
        var pivots = [blasint](repeating: 0, count: b.count)
        dgesv_(&n, &one, &matrix, &rows, &pivots, &x, &columns, &info)
        precondition(info >= 0, "LAPACK refused argument \(-info)")
        return info == 0 ? x : nil
    }
}
