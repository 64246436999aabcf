import COpenBLAS
import KitCore

/// Eigenvectors of symmetric matrices in double precision: LAPACK's dsyevr.
public enum SymmetricEigen {
    /// The largest eigenvalues with their unit eigenvectors, in descending order. The entry of a vector with the
    /// largest absolute value is positive, so that the sign does not depend on the library.
    ///
    /// - Parameters:
    ///   - count: the number of eigenvalues; at most `size`.
    ///   - matrix: [size, size], symmetric.
    ///   - size: rows and columns of the matrix.
    public static func largest(
        _ count: Int, of matrix: [Double], size: Int
    ) throws -> [(value: Double, vector: [Double])] {
        precondition(matrix.count == size * size && (1...max(1, size)).contains(count), "a square matrix is needed")
        var a = matrix
        // Arguments that Fortran only reads may share memory; a list of one element is passed as a pointer to it.
        let (n, first, last, unused) = ([blasint(size)], [blasint(size - count + 1)], [blasint(size)], [0.0])
        var (found, info) = (blasint(0), blasint(0))
        var values = [Double](repeating: 0, count: size)
        var vectors = [Double](repeating: 0, count: size * count)
        var support = [blasint](repeating: 0, count: 2 * size)
        var work = [0.0]
        var intWork = [blasint(0)]
        // The first call, with sizes of -1, returns the workspace that the second one needs.
        for isQuery in [true, false] {
            let (workSize, intWorkSize) = isQuery ? ([-1], [-1]) : ([blasint(work.count)], [blasint(intWork.count)])
            dsyevr_(
                "V", "I", "U", n, &a, n, unused, unused, first, last, unused, &found, &values, &vectors, n, &support,
                &work, workSize, &intWork, intWorkSize, &info, 1, 1, 1)
            guard info == 0, isQuery || found == count else {
                throw KitError(
                    .internalFault,
                    "LAPACK's dsyevr found \(counted(Int(found), of: Int(count), "eigenvalue")) (\(info))")
            }
            if isQuery {
                work = [Double](repeating: 0, count: max(1, Int(work[0])))
                intWork = [blasint](repeating: 0, count: max(1, Int(intWork[0])))
            }
        }
        return (0..<count).reversed().map { index in
            let vector = Array(vectors[index * size..<(index + 1) * size])
            let largest = vector.max { abs($0) < abs($1) } ?? 1
            return (values[index], largest < 0 ? vector.map { -$0 } : vector)
        }
    }
}
