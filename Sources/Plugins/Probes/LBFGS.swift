import Foundation
import Kit

/// Minimises a smooth convex function of many variables: limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5)
/// with a line search by bisection for the weak Wolfe conditions (Lewis and Overton 2013, algorithm 4.6).
struct LBFGS {
    /// The number of steps whose curvature is kept.
    var memory = 10
    /// Stops when no partial derivative is larger than this.
    var tolerance = 1e-6
    var iterations = 1000

    /// - Parameters:
    ///   - x: the starting point, and at the end the minimum.
    ///   - function: returns the value at x and writes the gradient to the second argument.
    /// - Returns: whether the tolerance was reached.
    @discardableResult
    func minimise(
        _ x: inout [Double], _ function: (_ x: [Double], _ gradient: inout [Double]) throws -> Double
    ) throws -> Bool {
        var gradient = [Double](repeating: 0, count: x.count)
        var value = try function(x, &gradient)
        var pairs: [(step: [Double], change: [Double], product: Double)] = []
        for _ in 0..<iterations {
            try Interrupt.check()
            guard gradient.contains(where: { abs($0) > tolerance }) else { return true }
            var direction = Self.direction(gradient, pairs)
            var slope = Self.dot(direction, gradient)
            if !(slope < 0) {  // Rounding has spoilt the memory: begin again downhill.
                pairs = []
                direction = gradient.map { -$0 }
                slope = Self.dot(direction, gradient)
            }
            let first = pairs.isEmpty ? min(1, 1 / slope.magnitude.squareRoot()) : 1
            guard let found = try search(x, value, direction, slope, first, function) else { return false }
            let step = zip(found.x, x).map { $0 - $1 }
            let change = zip(found.gradient, gradient).map { $0 - $1 }
            (x, value, gradient) = found
            let product = Self.dot(step, change)
            if product > 0 { pairs.append((step, change, product)) }
            if pairs.count > memory { pairs.removeFirst() }
        }
        return false
    }

    /// A point along the direction with a sufficient decrease and a smaller slope; nil if rounding hides it.
    private func search(
        _ x: [Double], _ value: Double, _ direction: [Double], _ slope: Double, _ first: Double,
        _ function: ([Double], inout [Double]) throws -> Double
    ) throws -> (x: [Double], value: Double, gradient: [Double])? {
        var (low, high, length) = (0.0, Double.infinity, first)
        var gradient = [Double](repeating: 0, count: x.count)
        for _ in 0..<60 {
            let point = zip(x, direction).map { $0 + length * $1 }
            let reached = try function(point, &gradient)
            if !(reached <= value + 1e-4 * length * slope) {
                high = length
            } else if Self.dot(gradient, direction) < 0.9 * slope {
                low = length
            } else {
                return (point, reached, gradient)
            }
            length = high.isFinite ? (low + high) / 2 : 2 * low
        }
        return nil
    }

    /// Minus the gradient times the inverse of the curvature seen so far (Nocedal and Wright, algorithm 7.4).
    private static func direction(
        _ gradient: [Double], _ pairs: [(step: [Double], change: [Double], product: Double)]
    ) -> [Double] {
        var q = gradient
        var shares = [Double](repeating: 0, count: pairs.count)
        for (index, pair) in pairs.enumerated().reversed() {
            shares[index] = dot(pair.step, q) / pair.product
            add(-shares[index], pair.change, to: &q)
        }
        if let last = pairs.last {
            let scale = last.product / dot(last.change, last.change)
            for index in q.indices { q[index] *= scale }
        }
        for (index, pair) in pairs.enumerated() {
            add(shares[index] - dot(pair.change, q) / pair.product, pair.step, to: &q)
        }
        return q.map { -$0 }
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }

    private static func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
        for index in a.indices { b[index] += factor * a[index] }
    }
}
