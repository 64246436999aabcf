import COpenBLAS
import KitCore

/// Systems of linear equations in double precision, by LAPACK.
public enum DoubleSystem {
    /// x with A x = b for a symmetric matrix A [n, n], row after row; nil if A is singular to the last digit.
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
