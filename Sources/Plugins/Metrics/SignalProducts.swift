import Foundation
import Kit

/// Products of signals in double precision, whose order does not depend on the number of threads.
enum SignalProducts {
    static func sum(_ x: [Double], _ y: [Double]) -> Double { correlation(x, y, lags: 1)[0] }

    /// The sum over n of x[n] y[n + lag], for each lag from 0.
    static func correlation(_ x: [Double], _ y: [Double], lags: Int) -> [Double] {
        var result = [Double](repeating: 0, count: lags)
        x.withUnsafeBufferPointer { x in
            y.withUnsafeBufferPointer { y in
                result.withUnsafeMutableBufferPointer { result in
                    nonisolated(unsafe) let result = result
                    let first = x.baseAddress!
                    ThreadPool.shared.forEachRange(lags, grain: 16) { range in
                        for lag in range where lag < y.count {
                            result[lag] = product(first, y.baseAddress! + lag, y.count - lag)
                        }
                    }
                }
            }
        }
        return result
    }

    /// 10 log10 of the share of an estimate's energy that the reference explains, divided by the rest.
    static func decibels(coherence: Double) -> Double {
        guard coherence > 0 else { return -.infinity }
        return coherence < 1 ? 10 * log10(coherence / (1 - coherence)) : .infinity
    }

    private static func product(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
        // Sixteen running sums, for less rounding and vectorised code.
        var sums = SIMD16<Double>.zero
        let whole = count & ~15
        for n in stride(from: 0, to: whole, by: 16) {
            let a = UnsafeRawPointer(x + n).loadUnaligned(as: SIMD16<Double>.self)
            sums += a * UnsafeRawPointer(y + n).loadUnaligned(as: SIMD16<Double>.self)
        }
        var total = sums.sum()
        for n in whole..<count { total += x[n] * y[n] }
        return total
    }
}
