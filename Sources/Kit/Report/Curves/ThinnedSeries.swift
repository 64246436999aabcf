/// A series of any length as at most `limit` bins of neighbouring steps, each with its mean, minimum and maximum, so
/// that thinning hides no outliers.
package struct ThinnedSeries: Equatable {
    package struct Bin: Equatable {
        package let first: Int
        package private(set) var last: Int
        package private(set) var count = 1
        private var sum: Double
        package private(set) var least: Double
        package private(set) var largest: Double

        package var mean: Double { sum / Double(count) }

        init(_ step: Int, _ value: Double) {
            (first, last, sum, least, largest) = (step, step, value, value, value)
        }

        mutating func add(_ other: Bin) {
            last = other.last
            count += other.count
            sum += other.sum
            least = min(least, other.least)
            largest = max(largest, other.largest)
        }
    }

    private let limit: Int
    package private(set) var bins: [Bin] = []
    /// The number of values in a full bin: a power of two.
    package private(set) var binSize = 1

    /// - Parameter limit: the maximum number of bins; even.
    package init(limit: Int = 400) {
        precondition(limit > 0 && limit.isMultiple(of: 2), "bins are merged in pairs")
        self.limit = limit
    }

    /// Appends the value of a step.
    package mutating func add(step: Int, _ value: Double) {
        let bin = Bin(step, value)
        if let last = bins.last, last.count < binSize {
            bins[bins.count - 1].add(bin)
            return
        }
        if bins.count == limit {
            for index in 0..<limit / 2 {
                bins[index] = bins[2 * index]
                bins[index].add(bins[2 * index + 1])
            }
            bins.removeLast(limit / 2)
            binSize *= 2
        }
        bins.append(bin)
    }
}
