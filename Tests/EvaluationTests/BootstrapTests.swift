import Kit
import TestSupport
import Testing

@Suite(.alone("the number of threads")) struct BootstrapTests {
    private func share(_ items: [Int]) -> Double { Double(items.count { $0 % 2 == 0 }) / Double(items.count) }

    /// A share of one half among 400 independent items has a deviation of 0.025, so 95 % are within 0.049.
    @Test func intervalHasTheWidthOfTheNormalOne() throws {
        let interval = try #require(Bootstrap(resamples: 4000).interval((0..<400).map { [$0] }, share))
        #expect(abs(interval.low - 0.451) < 0.005 && abs(interval.high - 0.549) < 0.005, "\(interval)")
    }

    /// The same items in 20 groups, each all even or all odd, count as 20 items.
    @Test func itemsOfAGroupAreDrawnTogether() throws {
        let groups = (0..<20).map { group in (0..<20).map { 40 * $0 + group % 2 } }
        let interval = try #require(Bootstrap(resamples: 4000).interval(groups, share))
        #expect(interval.high - interval.low > 0.35, "\(interval)")
    }

    @Test func sameSeedGivesTheSameIntervalAtAnyThreadCount() throws {
        let groups = (0..<50).map { [$0] }
        let before = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = before }
        var found: [Double] = []
        for threads in [1, 2, 8] {
            ThreadPool.shared.threadCount = threads
            found.append(try #require(Bootstrap(resamples: 200, seed: 3).interval(groups, share)).low)
        }
        #expect(Set(found).count == 1)
        let other = try #require(Bootstrap(resamples: 200, seed: 4).interval(groups) { Double($0.reduce(0, +)) })
        let same = try #require(Bootstrap(resamples: 200, seed: 4).interval(groups) { Double($0.reduce(0, +)) })
        #expect(other == same)
    }

    @Test func undefinedDrawsDoNotCount() throws {
        let interval = try #require(
            Bootstrap(resamples: 100).interval([[0], [1]]) { $0.contains(1) ? nil : Double($0[0]) })
        #expect(interval == (0, 0))
        #expect(Bootstrap(resamples: 100).interval([[0]]) { _ in nil } == nil)
    }

    @Test func quantilesAreNumpys() {
        let sorted = [1.0, 2, 4, 8]
        #expect(Bootstrap.quantile(sorted, 0.5) == 3)
        #expect(abs(Bootstrap.quantile(sorted, 0.9) - 6.8) < 1e-12)
        #expect(Bootstrap.quantile([1, .infinity, .infinity], 0.9) == .infinity)
    }
}
