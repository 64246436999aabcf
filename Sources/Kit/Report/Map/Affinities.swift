import Glibc
import KitCore
import KitTensor

/// The affinities between rows of features: t-SNE's input distribution.
package struct Affinities {
    /// [count, count], symmetric, with a sum of 1.
    package let joint: [Double]

    /// - Parameter perplexity: roughly the number of neighbours of a row: the exponential of the entropy of its
    ///   neighbourhood.
    package init(_ rows: [Double], count: Int, width: Int, perplexity: Double) throws {
        let distances = Self.squaredDistances(rows, count: count, width: width)
        var conditional = [Double](repeating: 0, count: count * count)
        conditional.withUnsafeMutableBufferPointer { conditional in
            let target = conditional.baseAddress!
            distances.withUnsafeBufferPointer { distances in
                let from = distances.baseAddress!
                ThreadPool.shared.forEach(count) { row in
                    Self.fit(from + row * count, row, count, entropy: log(perplexity), into: target + row * count)
                }
            }
        }
        try Interrupt.check()
        var joint = [Double](repeating: 0, count: count * count)
        for i in 0..<count {
            for j in 0..<count where i != j {
                joint[i * count + j] = (conditional[i * count + j] + conditional[j * count + i]) / Double(2 * count)
            }
        }
        self.joint = joint
    }

    static func squaredDistances(_ rows: [Double], count: Int, width: Int) -> [Double] {
        var products = [Double](repeating: 0, count: count * count)
        DoubleGemm.multiplySerially(rows, rows, transposeB: true, into: &products, m: count, n: count, k: width)
        let squares = (0..<count).map { products[$0 * count + $0] }
        for i in 0..<count {
            for j in 0..<count {
                products[i * count + j] = i == j ? 0 : max(0, squares[i] + squares[j] - 2 * products[i * count + j])
            }
        }
        return products
    }

    /// A Gaussian around one row with the given entropy in nats, found by bisecting its precision.
    private static func fit(
        _ distances: UnsafePointer<Double>, _ row: Int, _ count: Int, entropy wanted: Double,
        into target: UnsafeMutablePointer<Double>
    ) {
        var nearest = Double.infinity
        var mean = 0.0
        for j in 0..<count where j != row {
            nearest = min(nearest, distances[j])
            mean += distances[j] / Double(count - 1)
        }
        // The scale of the distances is unknown.
        var precision = mean > nearest ? 1 / (mean - nearest) : 1
        var (low, high) = (0.0, Double.infinity)
        for _ in 0..<100 {
            var (sum, weighted) = (0.0, 0.0)
            for j in 0..<count {
                let offset = distances[j] - nearest
                target[j] = j == row ? 0 : exp(-offset * precision)
                sum += target[j]
                weighted += target[j] * offset
            }
            for j in 0..<count { target[j] /= sum }
            let difference = log(sum) + precision * weighted / sum - wanted
            if abs(difference) < 1e-6 { break }
            if difference > 0 { low = precision } else { high = precision }
            precision = high.isInfinite ? precision * 2 : (low + high) / 2
            // If all rows are equal, there is no such Gaussian.
            if precision > 1e300 { break }
        }
    }
}
