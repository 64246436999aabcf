import KitCore

/// Confidence intervals by resampling with replacement: the percentile bootstrap (Efron 1979).
public struct Bootstrap {
    /// The number of draws; 0 gives no intervals.
    public var resamples: Int
    /// The share of the draws within the interval.
    public var level: Double
    public var seed: Int
    /// Whether to compute everything on the calling thread. The interval is the same.
    public var isSerial = false

    public init(resamples: Int = 1000, level: Double = 0.95, seed: Int = 0) {
        self.resamples = resamples
        self.level = level
        self.seed = seed
    }

    /// The interval of a statistic of some items.
    ///
    /// - Parameters:
    ///   - groups: the items of each film, recording or speaker. Whole groups are drawn, since their items are not
    ///     independent.
    ///   - figure: the statistic of some items, among which one may occur several times; nil if it is not defined.
    /// - Returns: nil if the statistic is not defined for any draw.
    public func interval(
        _ groups: [[Int]], _ figure: (_ items: [Int]) -> Double?
    ) -> (low: Double, high: Double)? {
        interval([groups]) { figure($0[0]) }
    }

    /// The same for a statistic of several folds, each of which draws from its own groups.
    public func interval(
        _ folds: [[[Int]]], _ figure: (_ items: [[Int]]) -> Double?
    ) -> (low: Double, high: Double)? {
        let root = RandomStream(seed: seed)
        var draws = [Double?](repeating: nil, count: resamples)
        draws.withUnsafeMutableBufferPointer { draws in
            let slots = draws.baseAddress!
            func draw(_ number: Int) {
                var random = root.derived("bootstrap", number)
                slots[number] = figure(
                    folds.map { groups in groups.flatMap { _ in groups[random.index(below: groups.count)] } })
            }
            if isSerial {
                for number in 0..<resamples { draw(number) }
            } else {
                ThreadPool.shared.forEach(resamples) { draw($0) }
            }
        }
        let sorted = draws.compactMap { $0 }.sorted()
        guard !sorted.isEmpty else { return nil }
        return (Self.quantile(sorted, (1 - level) / 2), Self.quantile(sorted, (1 + level) / 2))
    }

    /// Interpolates linearly between order statistics, as numpy's default.
    package static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = Int(place.rounded(.down))
        let high = min(low + 1, sorted.count - 1)
        // Two infinities have no difference.
        return sorted[low] == sorted[high]
            ? sorted[low] : sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}
