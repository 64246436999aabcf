import Glibc
import KitCore

/// Positions in the plane that preserve the neighbours in feature space: t-SNE with exact gradients (van der Maaten and
/// Hinton 2008). It starts from the principal components, as in scikit-learn 1.2, with the same learning rate and
/// momentum.
///
/// Distances between groups and the sizes of groups mean nothing. The same rows give the same bits at any thread count.
package struct TSNE {
    package var perplexity = 30.0
    package var iterations = 1000
    /// The number of iterations with stronger attraction, in which groups form.
    var exaggerated = 250
    var exaggeration = 12.0

    package init() {}

    /// The coordinates of the rows.
    package struct Result {
        package let x: [Double]
        package let y: [Double]
        /// The Kullback-Leibler divergence between the neighbourhoods in feature space and in the plane, in nats.
        package let divergence: Double
        /// The perplexity used: the requested one, or less if there are few rows.
        package let perplexity: Double
    }

    /// The minimum number of rows.
    package static let leastRows = 5

    /// - Parameters:
    ///   - rows: [count, width], row after row; `leastRows` or more.
    ///   - start: the initial coordinates: two principal components.
    package func callAsFunction(_ rows: [Double], count: Int, width: Int, start: [[Double]]) throws -> Result {
        precondition(count >= Self.leastRows && rows.count == count * width, "t-SNE needs \(Self.leastRows) rows")
        let perplexity = min(perplexity, Double(count - 1) / 3)
        let affinities = try Affinities(rows, count: count, width: width, perplexity: perplexity).joint
        var places = initialPlaces(start, count)
        var velocities = [Double](repeating: 0, count: 2 * count)
        var gains = [Double](repeating: 1, count: 2 * count)
        let rate = max(Double(count) / exaggeration / 4, 50)
        for iteration in 0..<iterations {
            try Interrupt.check()
            let isEarly = iteration < exaggerated
            let gradient = self.gradient(of: places, affinities, count, isEarly ? exaggeration : 1)
            for index in 0..<2 * count {
                let agrees = velocities[index] * gradient[index] < 0
                gains[index] = max(0.01, agrees ? gains[index] + 0.2 : gains[index] * 0.8)
                velocities[index] =
                    (isEarly ? 0.5 : 0.8) * velocities[index] - rate * gains[index] * gradient[index]
                places[index] += velocities[index]
            }
        }
        return Result(
            x: Array(places[..<count]), y: Array(places[count...]),
            divergence: divergence(of: places, affinities, count), perplexity: perplexity)
    }

    /// All x, then all y, with a standard deviation of 1e-4 along the first.
    private func initialPlaces(_ start: [[Double]], _ count: Int) -> [Double] {
        let x = start.first ?? [Double](repeating: 0, count: count)
        let y = start.count > 1 ? start[1] : [Double](repeating: 0, count: count)
        let deviation = (x.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
        let scale = deviation > 0 ? 1e-4 / deviation : 0
        return (x + y).map { $0 * scale }
    }

    /// The gradient by all x, then by all y. Each row is a separate sum, so threads do not change the bits.
    private func gradient(of places: [Double], _ affinities: [Double], _ count: Int, _ exaggeration: Double) -> [Double]
    {
        let normaliser = 1 / normaliser(of: places, count)
        var gradient = [Double](repeating: 0, count: 2 * count)
        gradient.withUnsafeMutableBufferPointer { gradient in
            let target = gradient.baseAddress!
            places.withUnsafeBufferPointer { places in
                affinities.withUnsafeBufferPointer { affinities in
                    let (x, y) = (places.baseAddress!, places.baseAddress! + count)
                    ThreadPool.shared.forEach(count) { i in
                        let row = affinities.baseAddress! + i * count
                        var (sumX, sumY) = (0.0, 0.0)
                        for j in 0..<count {
                            let (dx, dy) = (x[i] - x[j], y[i] - y[j])
                            let near = 1 / (1 + dx * dx + dy * dy)
                            let force = (exaggeration * row[j] - near * normaliser) * near
                            sumX += force * dx
                            sumY += force * dy
                        }
                        target[i] = 4 * sumX
                        target[count + i] = 4 * sumY
                    }
                }
            }
        }
        return gradient
    }

    /// The sum of 1 / (1 + distance^2) over all ordered pairs.
    private func normaliser(of places: [Double], _ count: Int) -> Double {
        var sums = [Double](repeating: 0, count: count)
        sums.withUnsafeMutableBufferPointer { sums in
            let target = sums.baseAddress!
            places.withUnsafeBufferPointer { places in
                let (x, y) = (places.baseAddress!, places.baseAddress! + count)
                ThreadPool.shared.forEach(count) { i in
                    var sum = -1.0  // Less the row itself.
                    for j in 0..<count {
                        let (dx, dy) = (x[i] - x[j], y[i] - y[j])
                        sum += 1 / (1 + dx * dx + dy * dy)
                    }
                    target[i] = sum
                }
            }
        }
        return sums.reduce(0, +)
    }

    private func divergence(of places: [Double], _ affinities: [Double], _ count: Int) -> Double {
        let normaliser = normaliser(of: places, count)
        var sum = 0.0
        for i in 0..<count {
            for j in 0..<count where i != j && affinities[i * count + j] > 0 {
                let (dx, dy) = (places[i] - places[j], places[count + i] - places[count + j])
                let near = 1 / (1 + dx * dx + dy * dy) / normaliser
                sum += affinities[i * count + j] * log(affinities[i * count + j] / max(near, .leastNormalMagnitude))
            }
        }
        return sum
    }
}
