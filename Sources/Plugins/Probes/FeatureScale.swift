import Foundation
import Kit

/// Means and standard deviations of training features, to scale other features in the same way. Constant features
/// become 0.
struct FeatureScale {
    private let mean: [Double]
    private let factor: [Double]

    /// Does not change features.
    init(identity width: Int) {
        mean = Array(repeating: 0, count: width)
        factor = Array(repeating: 1, count: width)
    }

    /// - Parameter features: [items, features].
    init(of features: Tensor) {
        let (items, width) = (features.shape[0], features.shape[1])
        var (mean, square) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
        for item in 0..<items {
            for column in 0..<width { mean[column] += Double(features.pointer[item * width + column]) / Double(items) }
        }
        for item in 0..<items {
            for column in 0..<width {
                let distance = Double(features.pointer[item * width + column]) - mean[column]
                square[column] += distance * distance / Double(items)
            }
        }
        self.mean = mean
        // A constant feature differs from its mean only by rounding.
        factor = zip(square, mean).map { $0 > 1e-24 + 1e-14 * $1 * $1 ? 1 / $0.squareRoot() : 0 }
    }

    /// [items, features] in double precision.
    func applied(to features: Tensor) -> [Double] {
        let width = features.shape[1]
        return [Double](unsafeUninitializedCapacity: features.count) { values, count in
            for index in 0..<features.count {
                values[index] = (Double(features.pointer[index]) - mean[index % width]) * factor[index % width]
            }
            count = features.count
        }
    }
}
