import CKernels
import KitCore

/// For fewer positions than outputs, as in the last stages of a network on one clip. Packing the rows instead of the
/// weight means that the weight is read once, in place, instead of being read, rewritten in another order and read
/// again.
extension DenseConvolution {
    var hasFewRows: Bool { window.outputRows < outChannels / groups }

    /// One group of the output, transposed: weight [outs, depth] times the rows' transpose [depth, rows].
    ///
    /// - Parameters:
    ///   - source: the group's first channel. If there is a `map`, the rows of a pointwise convolution are computed
    ///     through it.
    func applyToFewRows(
        _ source: dk_values, _ map: ChannelMap?, _ weight: UnsafePointer<Float>, plus bias: UnsafePointer<Float>?,
        into result: dk_values
    ) {
        let (rows, outs, ins) = (window.outputRows, outChannels / groups, inChannels / groups)
        let depth = window.taps * ins
        let taps = window.forward
        let readsInPlace = taps.readsInPlace && map == nil && !source.are_narrow
        let gathered = readsInPlace ? nil : Storage(count: rows * depth)
        if let gathered {
            ThreadPool.shared.forEachRange(rows, grain: max(1, (rows + 7) / 8)) { range in
                let to = gathered.pointer + range.lowerBound * depth
                let scratch = source.are_narrow ? Storage(count: range.count * depth, narrow: true) : nil
                let values = scratch.map { dk_values($0, narrow: true) } ?? dk_values(to)
                if let map {
                    map.fill(range, into: values)
                } else {
                    withUnsafePointer(to: taps) {
                        dk_active.pointee.gather(
                            $0, source, inChannels, ins, range.lowerBound, range.count, 0, window.taps, values)
                    }
                }
                if scratch != nil { values.load(into: to, count: range.count * depth) }
                withExtendedLifetime(scratch) {}
            }
        }
        let factor = PackedFactor(
            gathered.map { UnsafePointer($0.pointer) } ?? UnsafePointer(source.floats), depth: depth, columns: rows,
            depthStep: 1, columnStep: gathered == nil ? inChannels : depth, precision: precision)
        // The result as floats, which are rounded at the end.
        let sums = result.are_narrow ? Storage(count: rows * outs) : nil
        let (target, targetStep) = sums.map { ($0.pointer, outs) } ?? (result.floats, outChannels)
        // At least eight jobs, so that the threads finish together.
        let block = Gemm.blockRows(for: precision)
        let grain = Gemm.wholeBlocks(min(Gemm.usesTiles(for: precision) ? outs : 2 * block, outs / 8), precision)
        ThreadPool.shared.forEachRange(outs, grain: grain) { range in
            let products = Storage(count: range.count * rows)
            Gemm.multiplySerially(
                Gemm.Rows(weight + range.lowerBound * depth, step: depth, count: range.count), factor,
                into: products.pointer, step: rows)
            if let bias {
                for out in 0..<range.count {
                    let row = products.pointer + out * rows
                    for index in 0..<rows { row[index] += bias[range.lowerBound + out] }
                }
            }
            dk_active.pointee.transpose(
                products.pointer, rows, target + range.lowerBound, targetStep, rows, range.count)
            withExtendedLifetime(products) {}
        }
        if let sums {
            for row in 0..<rows { result.from(row * outChannels).store(sums.pointer + row * outs, count: outs) }
        }
        withExtendedLifetime((gathered, sums)) {}
    }
}
