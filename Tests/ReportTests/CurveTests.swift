import Foundation
import Kit
import TestSupport
import Testing

@Suite struct CurveTests {
    @Test func shortSeriesAreKeptAsTheyAre() {
        var series = ThinnedSeries(limit: 10)
        for step in 1...10 { series.add(step: step, Double(step * step)) }
        #expect(series.binSize == 1 && series.bins.map(\.mean) == (1...10).map { Double($0 * $0) })
        #expect(series.bins.allSatisfy { $0.first == $0.last && $0.least == $0.largest })
    }

    @Test(arguments: [11, 20, 21, 1000, 12_345])
    func longSeriesLoseNothingThatStandsOut(count: Int) {
        func value(_ step: Int) -> Double { step == count / 3 ? 1e6 : step == count / 2 ? -1e6 : sin(Double(step)) }
        var series = ThinnedSeries(limit: 10)
        for step in 1...count { series.add(step: step, value(step)) }
        #expect((5...10).contains(series.bins.count))
        #expect(series.bins.first?.first == 1 && series.bins.last?.last == count)
        #expect(series.bins.map(\.count).reduce(0, +) == count)
        for (bin, next) in zip(series.bins, series.bins.dropFirst()) {
            #expect(bin.count == series.binSize && next.first == bin.last + 1)
        }
        for bin in series.bins {
            let values = (bin.first...bin.last).map(value)
            #expect(bin.least == values.min() && bin.largest == values.max())
            let mean = values.reduce(0, +) / Double(values.count)
            #expect(abs(bin.mean - mean) < 1e-9 * max(1, abs(mean)))
        }
    }
}
