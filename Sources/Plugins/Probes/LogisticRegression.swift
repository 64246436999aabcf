import Foundation
import Kit

/// Logistic regression on fixed rows: softmax over the classes, or for two classes and for each label of a multi-label task
/// a sigmoid. Minimises mean loss + l2 / 2 |W|², biases left out, which is scikit-learn's with C = 1 / (l2 · items).
final class LogisticRegression {
    /// Weights [rows, features], then one bias per row.
    typealias Weights = [Double]

    private let x: [Double]
    private let labels: Labels
    private let items: Int
    private let features: Int
    /// The number of linear functions: one per class, or a single one for two classes.
    private let rows: Int
    private let isSoftmax: Bool
    /// The number of items whose part of the gradient is one product. Parts are added in order at any thread count.
    private static let chunk = 1024

    /// - Parameter x: [items, features].
    init(_ x: [Double], _ labels: Labels) {
        self.x = x
        self.labels = labels
        items = labels.count
        features = x.count / labels.count
        isSoftmax = !labels.isMultiLabel && labels.classes.count > 2
        rows = Self.rows(labels)
    }

    private static func rows(_ labels: Labels) -> Int {
        labels.isMultiLabel || labels.classes.count > 2 ? labels.classes.count : 1
    }

    var zeros: Weights { Weights(repeating: 0, count: rows * (features + 1)) }

    /// Changes the weights to minimise the loss.
    func fit(_ weights: inout Weights, l2: Double, solver: LBFGS) throws {
        _ = try solver.minimise(&weights) { weights, gradient in
            let value = loss(weights, &gradient)
            var squares = 0.0
            for index in 0..<rows * features {
                squares += weights[index] * weights[index]
                gradient[index] += l2 * weights[index]
            }
            return value + l2 / 2 * squares
        }
    }

    /// The mean loss and its gradient.
    private func loss(_ weights: Weights, _ gradient: inout Weights) -> Double {
        let chunks = (items + Self.chunk - 1) / Self.chunk
        let width = weights.count
        var parts = [Double](repeating: 0, count: chunks * (width + 1))
        parts.withUnsafeMutableBufferPointer { parts in
            let start = parts.baseAddress!
            ThreadPool.shared.forEach(chunks) { index in
                let range = index * Self.chunk..<min((index + 1) * Self.chunk, items)
                let part = start + index * (width + 1)
                part[width] = addLoss(weights, range, gradient: part)
            }
        }
        for index in 0..<width {
            var sum = 0.0
            for part in 0..<chunks { sum += parts[part * (width + 1) + index] }
            gradient[index] = sum / Double(items)
        }
        return (0..<chunks).reduce(0) { $0 + parts[$1 * (width + 1) + width] } / Double(items)
    }

    /// The summed loss of some items, and its gradient in new memory.
    private func addLoss(_ weights: Weights, _ range: Range<Int>, gradient: UnsafeMutablePointer<Double>) -> Double {
        let scores = Self.linear(x, range, weights, rows: rows, features: features)
        var residuals = scores
        var loss = 0.0
        for (place, item) in range.enumerated() {
            let truth = labels.rows[item]
            let start = place * rows
            if isSoftmax {
                let row = scores[start..<start + rows]
                let top = row.max()!
                let sum = row.reduce(0) { $0 + exp($1 - top) }
                loss += top + log(sum) - row[start + truth[0]]
                for label in 0..<rows { residuals[start + label] = exp(row[start + label] - top) / sum }
                residuals[start + truth[0]] -= 1
            } else {
                for label in 0..<rows {
                    let isTrue = labels.isMultiLabel ? truth.contains(label) : truth[0] == 1
                    let z = scores[start + label]
                    // ln(1 + e^z) - z for true labels, without overflow.
                    loss += max(z, 0) + log1p(exp(-abs(z))) - (isTrue ? z : 0)
                    residuals[start + label] = 1 / (1 + exp(-z)) - (isTrue ? 1 : 0)
                }
            }
        }
        x.withUnsafeBufferPointer { x in
            DoubleGemm.multiplySerially(
                residuals, transposeA: true, x.baseAddress! + range.lowerBound * features, into: gradient, m: rows,
                n: features, k: range.count)
        }
        for place in 0..<range.count {
            for label in 0..<rows { gradient[rows * features + label] += residuals[place * rows + label] }
        }
        return loss
    }

    /// x Wᵀ + b of some items: [items, rows].
    private static func linear(
        _ x: [Double], _ range: Range<Int>, _ weights: Weights, rows: Int, features: Int
    ) -> [Double] {
        var scores = [Double](repeating: 0, count: range.count * rows)
        for place in 0..<range.count {
            for row in 0..<rows { scores[place * rows + row] = weights[rows * features + row] }
        }
        x.withUnsafeBufferPointer { x in
            weights.withUnsafeBufferPointer { weights in
                DoubleGemm.multiplySerially(
                    x.baseAddress! + range.lowerBound * features, weights.baseAddress!, transposeB: true, into: &scores,
                    m: range.count, n: rows, k: features, beta: 1)
            }
        }
        return scores
    }

    /// A score for each class, [items, classes]. For two classes with a single function, minus and plus its value.
    static func scores(_ x: [Double], _ weights: Weights, _ labels: Labels) -> Tensor {
        let rows = rows(labels)
        let features = weights.count / rows - 1
        let items = x.count / features
        let linear = linear(x, 0..<items, weights, rows: rows, features: features)
        let values = rows == labels.classes.count ? linear : linear.flatMap { [-$0, $0] }
        return Tensor(values.map(Float.init), [items, labels.classes.count])
    }
}
