/// Mean and biased variance of each channel over some rows.
public struct BatchMoments: Sendable {
    public let rows: Int
    /// [channels] each.
    public let mean: [Double]
    public let variance: [Double]

    public init(rows: Int, mean: [Double], variance: [Double]) {
        (self.rows, self.mean, self.variance) = (rows, mean, variance)
    }

    /// The variance as an estimate for more rows than these: divided by rows - 1.
    public var unbiasedVariance: [Double] { variance.map { $0 * Double(rows) / Double(rows - 1) } }
}

/// Which rows a batch norm takes its statistics over, where its input is only a part of them.
public protocol BatchStatistics {
    /// The moments of the whole batch.
    ///
    /// - Parameters:
    ///   - part: those of the input.
    ///   - move: moves the running mean and the running variance towards a mean and an unbiased variance; to be called once
    ///     for the batch.
    func whole(
        _ part: BatchMoments, moving move: @escaping (_ mean: [Double], _ variance: [Double]) -> Void
    ) throws -> BatchMoments

    /// The sum of numbers over all parts of the batch.
    func sum(_ numbers: [Double]) throws -> [Double]
}

/// The input is the whole batch.
struct InputStatistics: BatchStatistics {
    func whole(_ part: BatchMoments, moving move: ([Double], [Double]) -> Void) -> BatchMoments {
        if part.rows > 1 { move(part.mean, part.unbiasedVariance) }
        return part
    }

    func sum(_ numbers: [Double]) -> [Double] { numbers }
}
