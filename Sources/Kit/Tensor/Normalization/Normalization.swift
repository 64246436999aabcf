import CKernels
import KitCore

/// One evaluation of batch norm: its statistics and its passes over the data.
struct Normalization {
    let channels: Int
    let rows: Int
    /// The number of rows over which the statistics are taken.
    private let batchRows: Int
    private let batch: any BatchStatistics
    let isTraining: Bool
    let mean: [Double]
    let inverseDeviation: [Double]
    /// y = x * factor + offset; [channels] each.
    private let factor: [Float]
    private let offset: [Float]

    /// Checks the shapes, computes the statistics and, in training, updates the running ones.
    init(
        _ x: Tensor, _ scale: Tensor, _ shift: Tensor, _ runningMean: Tensor, _ runningVariance: Tensor,
        isTraining: Bool, momentum: Float, epsilon: Float, over batch: any BatchStatistics
    ) throws {
        guard x.shape.rank >= 2 else {
            throw KitError.usage("batchNorm: needs at least the axes [batch, channels], but the shape is \(x.shape)")
        }
        let channels = x.shape[-1]
        let rows = x.count / max(1, channels)
        for (name, tensor) in [
            ("scale", scale), ("shift", shift), ("runningMean", runningMean), ("runningVariance", runningVariance),
        ] where tensor.shape != [channels] {
            throw KitError.usage(
                "batchNorm: \(name) must be [\(channels)] for an input of shape \(x.shape), "
                    + "but its shape is \(tensor.shape)")
        }
        self.channels = channels
        self.rows = rows
        self.isTraining = isTraining
        self.batch = batch
        let variance: [Double]
        if isTraining {
            // Incomplete results must not get into the running statistics.
            let part = Self.moments(x, channels, rows)
            try Interrupt.check()
            let isRepeating = Autograd.isRepeating
            let whole = try batch.whole(part) { mean, variance in
                guard !isRepeating else { return }
                Self.move(runningMean, towards: mean, by: momentum)
                Self.move(runningVariance, towards: variance, by: momentum)
            }
            guard whole.rows > 1 else {
                throw KitError.usage(
                    "batchNorm: training needs more than one value for each channel, but the shape is \(x.shape)")
            }
            (batchRows, mean, variance) = (whole.rows, whole.mean, whole.variance)
        } else {
            batchRows = rows
            mean = runningMean.values.map(Double.init)
            variance = runningVariance.values.map(Double.init)
        }
        let inverseDeviation = variance.map { 1 / ($0 + Double(epsilon)).squareRoot() }
        self.inverseDeviation = inverseDeviation
        let factors = zip(scale.values, inverseDeviation).map { Double($0) * $1 }
        factor = factors.map(Float.init)
        offset = (0..<channels).map { [mean] in Float(Double(shift.pointer[$0]) - mean[$0] * factors[$0]) }
    }

    private static func move(_ running: Tensor, towards values: [Double], by momentum: Float) {
        let share = Double(momentum)
        for (c, value) in values.enumerated() {
            running.pointer[c] = Float((1 - share) * Double(running.pointer[c]) + share * value)
        }
    }

    /// Mean and biased variance. The sums are of differences to the first row, which is close to the mean if that is
    /// far from zero. They are in single precision within a tile and in double precision over the tiles.
    private static func moments(_ x: Tensor, _ channels: Int, _ rows: Int) -> BatchMoments {
        let source = x.elements
        let first = Storage(count: channels)
        source.load(into: first.pointer, count: min(channels, x.count))
        let center = first.pointer
        let totals = ColumnSums.total(rows: rows, grain: ColumnSums.grain(channels), width: 2 * channels) {
            range, sums in
            dk_active.pointee.moments(source.from(range.lowerBound * channels), center, channels, range.count, sums)
        }
        let n = Double(rows)
        let mean = (0..<channels).map { Double(center[$0]) + totals[$0] / n }
        let variance = (0..<channels).map { c in
            max(0, (totals[channels + c] - totals[c] * totals[c] / n) / n)
        }
        withExtendedLifetime((x, first)) {}
        return BatchMoments(rows: rows, mean: mean, variance: variance)
    }

    func map(_ x: Tensor, _ activation: Activation) -> ChannelMap {
        ChannelMap(x, factor: factor, offset: offset, activation)
    }

    /// - Parameter residual: of the type of x, which the result gets, too.
    func apply(_ x: Tensor, _ residual: Tensor, _ activation: Activation) -> Tensor {
        let result = Tensor(uninitialized: x.shape, narrow: x.isNarrow)
        let (source, added, y) = (x.elements, Optional(residual.elements), result.elements)
        forEachTile { start, count in
            added.withPointer(from: start) {
                dk_active.pointee.normalize(
                    source.from(start), $0, factor, offset, activation.rawValue, channels, count, y.from(start))
            }
        }
        withExtendedLifetime((x, residual)) {}
        return result
    }

    /// The sums over rows of g and of g (x - mean), where g is the gradient before the activation. All tensors have the
    /// type of x.
    func gradientSums(
        _ x: Tensor, _ y: Tensor?, _ gradient: Tensor, _ activation: Activation
    ) -> (sums: [Double], products: [Double]) {
        let (source, output, dy) = (x.elements, y?.elements, gradient.elements)
        let totals = withKernelArgument { norm in
            ColumnSums.total(rows: rows, grain: ColumnSums.grain(channels), width: 2 * channels) { range, sums in
                let start = range.lowerBound * channels
                output.withPointer(from: start) {
                    dk_active.pointee.normalize_gradient_sums(
                        norm, source.from(start), $0, dy.from(start), activation.rawValue, channels, range.count, sums)
                }
            }
        }
        withExtendedLifetime((x, y, gradient)) {}
        return (Array(totals.prefix(channels)), Array(totals.suffix(channels)))
    }

    /// The sums over the rows of the whole batch.
    func batchSums(_ sums: [Double], _ products: [Double]) throws -> (sums: [Double], products: [Double]) {
        // In evaluation the statistics do not depend on x.
        guard isTraining else { return (sums, products) }
        let whole = try batch.sum(sums + products)
        return (Array(whole.prefix(channels)), Array(whole.suffix(channels)))
    }

    /// The gradients of x and, if wanted, of the residual, from the sums over the batch. They have the type of x, as do
    /// all tensors, and reuse the memory of `gradient` if possible.
    func inputGradients(
        _ x: Tensor, _ y: Tensor?, _ gradient: Tensor, _ activation: Activation, _ sums: [Double], _ products: [Double],
        withResidual: Bool
    ) -> (input: Tensor, residual: Tensor?) {
        // Without an activation, the gradient of the residual is the gradient itself.
        let residual: Tensor? =
            !withResidual
            ? nil
            : activation == .none ? gradient : gradient.overwrittenOrNew(narrow: x.isNarrow)
        let result =
            withResidual
            ? Tensor(uninitialized: x.shape, narrow: x.isNarrow) : gradient.overwrittenOrNew(narrow: x.isNarrow)
        let n = Double(batchRows)
        let constant = (0..<channels).map { isTraining ? Float(-Double(factor[$0]) * sums[$0] / n) : 0 }
        let deviationFactor = (0..<channels).map { c in
            isTraining
                ? Float(-Double(factor[c]) * inverseDeviation[c] * inverseDeviation[c] * products[c] / n) : 0
        }
        let (source, output, dy, dx) = (x.elements, y?.elements, gradient.elements, result.elements)
        let dr = activation == .none ? nil : residual?.elements
        withKernelArgument(deviationFactor, constant) { norm in
            forEachTile { start, count in
                output.withPointer(from: start) { output in
                    dr.withPointer(from: start) {
                        dk_active.pointee.normalize_gradient(
                            norm, source.from(start), output, dy.from(start), activation.rawValue, channels, count,
                            dx.from(start), $0)
                    }
                }
            }
        }
        withExtendedLifetime((x, y, residual)) {}
        return (result, residual)
    }

    private func forEachTile(_ body: (_ start: Int, _ rows: Int) -> Void) {
        ThreadPool.shared.forEachRange(rows, grain: ColumnSums.grain(channels)) {
            body($0.lowerBound * channels, $0.count)
        }
    }

    private func withKernelArgument<Result>(
        _ deviationFactor: [Float] = [], _ constant: [Float] = [],
        _ body: (UnsafePointer<dk_normalization>) -> Result
    ) -> Result {
        let vectors = [factor, offset, mean.map(Float.init), factor, deviationFactor, constant]
        let storage = Storage(count: 6 * channels)
        for (index, vector) in vectors.enumerated() {
            (storage.pointer + index * channels).update(from: vector, count: vector.count)
        }
        let p = UnsafePointer(storage.pointer)
        var argument = dk_normalization(
            scale: p, shift: p + channels, mean: p + 2 * channels, gradient_factor: p + 3 * channels,
            deviation_factor: p + 4 * channels, constant: p + 5 * channels)
        defer { withExtendedLifetime(storage) {} }
        return body(&argument)
    }
}
