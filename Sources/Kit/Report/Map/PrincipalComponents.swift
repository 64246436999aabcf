import KitCore
import KitTensor

/// The directions in which rows of features differ most (Pearson 1901).
package struct PrincipalComponents {
    /// The coordinates of the rows, one list per component.
    package let places: [[Double]]
    /// The share of the variance of each component, 0...1.
    package let shares: [Double]

    /// - Parameters:
    ///   - rows: [count, width], row after row.
    ///   - components: the number of components; fewer if count or width is smaller.
    package init(_ rows: [Double], count: Int, width: Int, components: Int) throws {
        var centred = rows
        for column in 0..<width {
            var mean = 0.0
            for row in 0..<count { mean += rows[row * width + column] }
            mean /= Double(count)
            for row in 0..<count { centred[row * width + column] -= mean }
        }
        // The smaller of the two products has the same eigenvalues, except for zeros.
        let isWide = width > count
        let size = min(width, count)
        var product = [Double](repeating: 0, count: size * size)
        DoubleGemm.multiplySerially(
            centred, transposeA: !isWide, centred, transposeB: isWide, into: &product, m: size, n: size,
            k: isWide ? width : count)
        let total = (0..<size).reduce(0) { $0 + product[$1 * size + $1] }
        let found = try SymmetricEigen.largest(min(components, size), of: product, size: size)
        shares = found.map { total > 0 ? max(0, $0.value) / total : 0 }
        places = found.map { value, vector in
            let scale = max(0, value).squareRoot()
            let places =
                isWide
                ? vector.map { $0 * scale }
                : (0..<count).map { row in (0..<width).reduce(0) { $0 + centred[row * width + $1] * vector[$1] } }
            // The row farthest from the centre gets a positive coordinate.
            let farthest = places.max { abs($0) < abs($1) } ?? 0
            return farthest < 0 ? places.map { -$0 } : places
        }
    }
}
