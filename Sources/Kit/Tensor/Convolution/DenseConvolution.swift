import CKernels
import KitCore

/// Convolutions that mix channels, with any number of groups: products of gathered rows with the weight.
///
/// A row of the implicit matrix holds the inputs of one output position: [taps, in / groups]. Rows are gathered one
/// tile at a time (for a pointwise convolution they are in memory already), so the whole matrix never exists. The
/// gradient of the input is computed in the same way with the mirrored window. The gradient of the weight is the
/// product of the transposed gradient of the output and the gathered rows.
struct DenseConvolution: ConvolutionMethod {
    let window: Window
    let inChannels: Int
    let outChannels: Int
    let groups: Int
    let precision: ProductPrecision

    private var inGroup: Int { inChannels / groups }
    private var outGroup: Int { outChannels / groups }

    func apply(_ input: Tensor, _ weight: Tensor, _ bias: Tensor?, into output: Tensor) {
        let depth = window.taps * inGroup
        let map = readableMap(input)
        let source = map?.source ?? input
        let (x, y) = (source.elements(for: precision), output.elements)
        for group in 0..<groups {
            let (from, into) = (x.from(group * inGroup), y.from(group * outGroup))
            let (first, bias) = (weight.pointer + group * outGroup * depth, bias.map { $0.pointer + group * outGroup })
            guard !hasFewRows else {
                applyToFewRows(from, map, first, plus: bias, into: into)
                continue
            }
            let factors = PackedWeights.factors(of: weight, .outputs(group: group), precision) {
                [
                    PackedFactor(
                        first, depth: depth, columns: outGroup, depthStep: 1, columnStep: depth, precision: precision)
                ]
            }
            multiply(
                from, step: inChannels, channels: inGroup, map, through: window.forward, rows: window.outputRows,
                by: factors[0], plus: bias, into: into, step: outChannels)
        }
        withExtendedLifetime((source, weight, bias, output)) {}
    }

    /// The map of an input whose rows are computed one tile at a time.
    private func readableMap(_ input: Tensor) -> ChannelMap? {
        guard groups == 1, window.forward.readsInPlace, let map = input.pendingMap else { return nil }
        return precision == .float32 && map.source.isNarrow ? nil : map
    }

    func inputGradient(_ outputGradient: Tensor, _ weight: Tensor, into inputGradient: Tensor) {
        let (dy, dx) = (outputGradient.elements(for: precision), inputGradient.elements)
        for phase in window.gradientPhases {
            for group in 0..<groups {
                gradient(
                    in: phase, dy.from(group * outGroup), weight.pointer + group * outGroup * window.taps * inGroup,
                    into: dx.from(group * inGroup))
            }
        }
        withExtendedLifetime((outputGradient, weight, inputGradient)) {}
    }

    /// The gradient of the input positions of one phase, for one group.
    private func gradient(
        in phase: GradientPhase, _ source: dk_values, _ weight: UnsafePointer<Float>, into result: dk_values
    ) {
        let taps = phase.taps(of: window)
        let depth = window.taps * inGroup
        // The weight as [tap, out, in], which it already is if it has only one tap.
        let mirrored = window.taps > 1 ? Storage(count: taps.count * outGroup * inGroup) : nil
        if let to = mirrored?.pointer {
            ThreadPool.shared.forEach(taps.count) { index in
                for out in 0..<outGroup {
                    (to + (index * outGroup + out) * inGroup).update(
                        from: weight + out * depth + taps[index] * inGroup, count: inGroup)
                }
            }
        }
        let factor = PackedFactor(
            mirrored.map { UnsafePointer($0.pointer) } ?? weight, depth: taps.count * outGroup, columns: inGroup,
            depthStep: inGroup, columnStep: 1, precision: precision)
        func multiply(into result: dk_values, step: Int) {
            self.multiply(
                source, step: outChannels, channels: outGroup, nil, through: phase.window,
                rows: window.batch * phase.positions, by: factor, plus: nil, into: result, step: step)
        }
        if window.stride == [1, 1, 1] {
            multiply(into: result, step: inChannels)
        } else if taps.isEmpty {
            phase.forEachRow(of: window) { _, row in result.from(row * inChannels).clear(count: inGroup) }
        } else {
            let dense = Storage(count: window.batch * phase.positions * inGroup, narrow: result.are_narrow)
            let from = dk_values(dense, narrow: result.are_narrow)
            multiply(into: from, step: inGroup)
            phase.forEachRow(of: window) { index, row in
                result.from(row * inChannels).copy(from.from(index * inGroup), count: inGroup)
            }
            withExtendedLifetime(dense) {}
        }
        withExtendedLifetime(mirrored) {}
    }

    func weightGradient(_ input: Tensor, _ outputGradient: Tensor, into weightGradient: Tensor) {
        let depth = window.taps * inGroup
        let map = readableMap(input)
        let source = map?.source ?? input
        let (dy, x) = (outputGradient.elements(for: precision), source.elements(for: precision))
        for group in 0..<groups {
            addOuterProducts(
                dy.from(group * outGroup), x.from(group * inGroup), map,
                into: weightGradient.pointer + group * outGroup * depth)
        }
        withExtendedLifetime((source, outputGradient, weightGradient)) {}
    }

    /// result = rows gathered from `source` through a window, or computed from it by a map, times a factor, plus a
    /// bias.
    private func multiply(
        _ source: dk_values, step: Int, channels: Int, _ map: ChannelMap?, through taps: dk_window, rows: Int,
        by factor: PackedFactor, plus bias: UnsafePointer<Float>?, into result: dk_values, step resultStep: Int
    ) {
        let isPointwise = taps.readsInPlace
        let (depth, columns) = (factor.depth, factor.columns)
        // At least eight jobs, so that the threads finish together.
        let share = (rows + 7) / 8
        let most = min(share, Gemm.cachedElements(for: precision) / (isPointwise ? depth + columns : depth))
        // The tile unit reads the factor so fast that it should serve more rows.
        let fewest = Gemm.usesTiles(for: precision) ? min(share, 64) : 0
        let grain = Gemm.wholeBlocks(max(most, fewest), precision)
        ThreadPool.shared.forEachRange(rows, grain: grain) { range in
            let gathered =
                isPointwise && map == nil ? nil : Storage(count: range.count * depth, narrow: source.are_narrow)
            if let gathered {
                let rows = dk_values(gathered, narrow: source.are_narrow)
                if let map {
                    map.fill(range, into: rows)
                } else {
                    withUnsafePointer(to: taps) {
                        dk_active.pointee.gather(
                            $0, source, step, channels, range.lowerBound, range.count, 0, depth / channels, rows)
                    }
                }
            }
            let left =
                gathered.map {
                    Gemm.Rows(dk_values($0, narrow: source.are_narrow), step: depth, count: range.count)
                } ?? Gemm.Rows(source.from(range.lowerBound * step), step: step, count: range.count)
            multiply(left, factor, plus: bias, into: result.from(range.lowerBound * resultStep), step: resultStep)
            withExtendedLifetime(gathered) {}
        }
    }

    /// result = rows times a factor, plus a bias.
    private func multiply(
        _ rows: Gemm.Rows, _ factor: PackedFactor, plus bias: UnsafePointer<Float>?, into result: dk_values, step: Int
    ) {
        guard result.are_narrow, factor.precision == .float32 else {
            return Gemm.multiplySerially(rows, factor, into: result, step: step, bias: bias)
        }
        // Products in float32 are floats. They are rounded at the end.
        let columns = factor.columns
        let sums = Storage(count: rows.count * columns)
        Gemm.multiplySerially(rows, factor, into: sums.pointer, step: columns, bias: bias)
        for row in 0..<rows.count { result.from(row * step).store(sums.pointer + row * columns, count: columns) }
        withExtendedLifetime(sums) {}
    }

    /// How the gradient of a weight is split into jobs: parts of the positions, each with its own sum, times blocks of
    /// the result: groups of outputs times groups of taps or, for one tap, of inputs. A block stays in the second-level
    /// cache while the positions are read.
    private struct GradientCut {
        let parts: Int
        let taps: Int
        let ins: Int
        let outs: Int
        private let tapBlocks: Int
        private let inBlocks: Int
        private let outBlocks: Int
        var jobs: Int { parts * tapBlocks * inBlocks * outBlocks }

        /// The sums of a block for vectors: 512 kB.
        private static let blockElements = 1 << 17
        /// A block for the tile unit: inputs of all its taps, and outputs. 512 kB.
        private static let (tileWidth, tileOuts) = (512, 256)

        /// - Parameter splitsInputs: whether a job may read some of the inputs of a position.
        init(
            rows: Int, taps allTaps: Int, ins allIns: Int, outs allOuts: Int, splitsInputs: Bool,
            _ precision: ProductPrecision
        ) {
            // At least eight jobs, so that the threads finish together. Parts of fewer than 256 positions are not worth
            // a sum of their own.
            let mostParts = max(1, min(16, rows / 256))
            let fewest = (8 + mostParts - 1) / mostParts
            func share(_ whole: Int, atMost most: Int) -> Int { max(1, min(most, (whole + fewest - 1) / fewest)) }
            func wholeBlocks(_ count: Int, of all: Int) -> Int {
                let block = 2 * Gemm.blockRows(for: precision)
                return min(all, (count + block - 1) / block * block)
            }
            if Gemm.usesTiles(for: precision) {
                // Reading and writing the sums takes as long as the products unless a block has many positions, so it
                // has fewer outputs.
                taps = max(1, min(allTaps, Self.tileWidth / allIns))
                ins = splitsInputs && allTaps == 1 ? wholeBlocks(Self.tileWidth, of: allIns) : allIns
                let others = (allTaps + taps - 1) / taps * ((allIns + ins - 1) / ins)
                outs = wholeBlocks(min(Self.tileOuts, (allOuts * others + fewest - 1) / fewest), of: allOuts)
            } else {
                taps = share(allTaps, atMost: Self.blockElements / (allOuts * allIns))
                ins = allIns
                outs =
                    allTaps > 1
                    ? allOuts : wholeBlocks(share(allOuts, atMost: Self.blockElements / allIns), of: allOuts)
            }
            tapBlocks = (allTaps + taps - 1) / taps
            inBlocks = (allIns + ins - 1) / ins
            outBlocks = (allOuts + outs - 1) / outs
            parts = max(1, min(mostParts, 16 / (tapBlocks * inBlocks * outBlocks)))
        }

        func job(_ index: Int) -> (part: Int, firstTap: Int, firstIn: Int, firstOut: Int) {
            let (rest, out) = index.quotientAndRemainder(dividingBy: outBlocks)
            let (more, input) = rest.quotientAndRemainder(dividingBy: inBlocks)
            let (part, tap) = more.quotientAndRemainder(dividingBy: tapBlocks)
            return (part, tap * taps, input * ins, out * outs)
        }
    }

    /// result[outGroup, taps, inGroup] = the sum over output positions of gradient x gathered row.
    private func addOuterProducts(
        _ gradient: dk_values, _ source: dk_values, _ map: ChannelMap?, into result: UnsafeMutablePointer<Float>
    ) {
        let (rows, depth) = (window.outputRows, window.taps * inGroup)
        let count = outGroup * depth
        let cut = GradientCut(
            rows: rows, taps: window.taps, ins: inGroup, outs: outGroup, splitsInputs: map == nil,
            precision)
        let partRows = (rows + cut.parts - 1) / cut.parts
        let partial = cut.parts > 1 ? Storage(count: cut.parts * count) : nil
        let sums = partial?.pointer ?? result
        let forward = window.forward
        let readsInPlace = forward.readsInPlace && map == nil
        ThreadPool.shared.forEach(cut.jobs) { index in
            let (part, firstTap, firstIn, firstOut) = cut.job(index)
            let taps = min(cut.taps, window.taps - firstTap)
            let (ins, outs) = (min(cut.ins, inGroup - firstIn), min(cut.outs, outGroup - firstOut))
            let (width, sum) = (taps * ins, sums + part * count + firstOut * depth + firstTap * inGroup + firstIn)
            let source = source.from(firstIn)
            for out in 0..<outs { (sum + out * depth).update(repeating: 0, count: width) }
            let grain = Gemm.outerProductRows(width + outs, precision: precision)
            let gathered = readsInPlace ? nil : Storage(count: grain * width, narrow: source.are_narrow)
            let scratch = gathered.map { dk_values($0, narrow: source.are_narrow) }
            var row = min(rows, part * partRows)
            let end = min(rows, row + partRows)
            while row < end {
                let tile = min(grain, end - row)
                if let scratch, let map {
                    map.fill(row..<row + tile, into: scratch)
                } else if let scratch {
                    withUnsafePointer(to: forward) {
                        dk_active.pointee.gather($0, source, inChannels, ins, row, tile, firstTap, taps, scratch)
                    }
                }
                let following = min(grain, end - row - tile)
                let right =
                    scratch.map { Gemm.Rows($0, step: width, count: tile) }
                    ?? Gemm.Rows(source.from(row * inChannels), step: inChannels, count: tile, following: following)
                Gemm.addOuterProducts(
                    Gemm.Rows(
                        gradient.from(row * outChannels + firstOut), step: outChannels, count: tile,
                        following: following),
                    right, into: sum, step: depth, m: outs, n: width, precision: precision)
                row += tile
            }
            withExtendedLifetime(gathered) {}
        }
        if let partial {
            ColumnSums.add(partial.pointer, count: cut.parts, of: count, into: result)
            withExtendedLifetime(partial) {}
        }
    }
}
