import CKernels
import KitCore

/// Sums of values over the rows of a tensor [..., channels], in tiles whose partial sums are added in order.
enum ColumnSums {
    /// Rows in a tile: 128 kB of one operand.
    static func grain(_ channels: Int) -> Int { max(1, (1 << 15) / max(1, channels)) }

    /// Calls `body(rows, sums)` for every tile to fill the `width` floats of `sums`. Returns their totals in double
    /// precision.
    static func total(rows: Int, grain: Int, width: Int, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void)
        -> [Double]
    {
        let partial = Storage(count: max(1, (rows + grain - 1) / grain * width))
        let sums = partial.pointer
        ThreadPool.shared.forEachRange(rows, grain: grain) { body($0, sums + $0.lowerBound / grain * width) }
        var totals = [Double](repeating: 0, count: width)
        // No thread helps here, so this loop is free of checks.
        totals.withUnsafeMutableBufferPointer { totals in
            guard let total = totals.baseAddress else { return }
            for tile in 0..<(rows + grain - 1) / grain {
                let part = sums + tile * width
                for index in 0..<width { total[index] += Double(part[index]) }
            }
        }
        withExtendedLifetime(partial) {}
        return totals
    }

    /// result[i] = the sum over `parts` of parts[part][i].
    static func add(_ parts: UnsafePointer<Float>, count: Int, of width: Int, into result: UnsafeMutablePointer<Float>)
    {
        ThreadPool.shared.forEachRange(width, grain: max(64, (1 << 15) / count)) { range in
            result.advanced(by: range.lowerBound).update(from: parts + range.lowerBound, count: range.count)
            for part in 1..<max(1, count) {
                let from = parts + part * width
                for index in range { result[index] += from[index] }
            }
        }
    }
}

extension Tensor {
    /// The sum over all axes but the last: [channels]. Without recording.
    func columnSums() -> Tensor {
        let channels = shape[-1]
        let source = elements
        let totals = ColumnSums.total(
            rows: Rows(shape).count, grain: ColumnSums.grain(channels), width: channels
        ) { rows, sums in
            dk_active.pointee.column_sums(source.from(rows.lowerBound * channels), channels, rows.count, sums)
        }
        return Tensor(totals.map(Float.init), [channels])
    }
}
