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
        _ source: UnsafePointer<Float>, _ map: ChannelMap?, _ weight: UnsafePointer<Float>,
        plus bias: UnsafePointer<Float>?, into result: UnsafeMutablePointer<Float>
    ) {
        let (rows, outs, ins) = (window.outputRows, outChannels / groups, inChannels / groups)
        let depth = window.taps * ins
        let taps = window.forward
        let readsInPlace = taps.readsInPlace && map == nil
        let gathered = readsInPlace ? nil : Storage(count: rows * depth)
        if let gathered {
            ThreadPool.shared.forEachRange(rows, grain: max(1, (rows + 7) / 8)) { range in
                let to = gathered.pointer + range.lowerBound * depth
                if let map {
                    map.fill(range, into: to)
                } else {
                    withUnsafePointer(to: taps) {
                        dk_active.pointee.gather(
                            $0, source, inChannels, ins, range.lowerBound, range.count, 0, window.taps, to)
                    }
                }
            }
        }
        let factor = PackedFactor(
            gathered.map { UnsafePointer($0.pointer) } ?? source, depth: depth, columns: rows, depthStep: 1,
            columnStep: gathered == nil ? inChannels : depth, precision: precision)
        // Whole register blocks; at least eight jobs, so that the threads finish together.
        let block = Gemm.blockRows
        let grain = max(block, min(2 * block, outs / 8) / block * block)
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
                products.pointer, rows, result + range.lowerBound, outChannels, rows, range.count)
            withExtendedLifetime(products) {}
        }
        withExtendedLifetime(gathered) {}
    }
}
