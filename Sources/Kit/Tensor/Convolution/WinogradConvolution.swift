import CKernels
import KitCore

/// Convolutions with 3 taps along one or two axes and no strides, by Winograd's minimal filtering: 4 products instead of 9
/// for each output of a 3 x 3 kernel, 2 instead of 3 along one axis (Lavin and Gray 2016, arXiv 1509.09308).
///
/// Tiles of outputs are transformed to points, and a matrix product mixes the channels at each point. The transforms
/// write several times what they read, so layers with few channels do not gain.
struct WinogradConvolution: ConvolutionMethod {
    let window: Window
    let inChannels: Int
    let outChannels: Int
    let precision: ProductPrecision
    /// The window's axis along which the inner transform runs, and that of the outer one.
    private let axes: (outer: Int, inner: Int)

    /// Below this number of positions, reading the weight at 16 points instead of 9 taps costs more than it saves, and
    /// so does transforming it, unless the transform is kept.
    private static var fewestRows: Int { PackedWeights.areKept ? 100 : 400 }

    /// Nil if the window has another form, or if there are too few channels or positions to gain. There is no bias.
    init?(window: Window, in inChannels: Int, out outChannels: Int, precision: ProductPrecision) {
        let wide = (0..<3).filter { window.kernel[$0] != 1 }
        guard window.stride == [1, 1, 1], (1...2).contains(wide.count), wide.allSatisfy({ window.kernel[$0] == 3 }),
            (0..<3).allSatisfy({ window.kernel[$0] == 3 || window.padding[$0] == 0 }),
            window.padding.allSatisfy({ $0 <= 2 }),
            min(inChannels, outChannels) >= (wide.count == 2 ? 32 : 64), window.outputRows >= Self.fewestRows
        else { return nil }
        self.window = window
        self.inChannels = inChannels
        self.outChannels = outChannels
        self.precision = precision
        let other = (0..<3).last { !wide.contains($0) }!
        axes = wide.count == 2 ? (wide[0], wide[1]) : wide[0] < other ? (wide[0], other) : (other, wide[0])
    }

    func apply(_ input: Tensor, _ weight: Tensor, _ bias: Tensor?, into output: Tensor) {
        precondition(bias == nil, "the method is chosen for convolutions without one")
        let shape = shape(from: window.input, to: window.output, padding: window.padding)
        let factors = PackedWeights.factors(of: weight, .points, precision) {
            self.factors(
                points(of: weight, by: shape, mirrored: false), depth: inChannels, columns: outChannels, depthStep: 1,
                columnStep: inChannels)
        }
        multiply(input, inChannels, by: factors, shape, into: output, outChannels)
    }

    func inputGradient(_ outputGradient: Tensor, _ weight: Tensor, into inputGradient: Tensor) {
        let padding = zip(window.kernel, window.padding).map { $0 - 1 - $1 }
        let shape = shape(from: window.output, to: window.input, padding: padding)
        let points = points(of: weight, by: shape, mirrored: true)
        let factors = factors(points, depth: outChannels, columns: inChannels, depthStep: inChannels, columnStep: 1)
        multiply(outputGradient, outChannels, by: factors, shape, into: inputGradient, inChannels)
    }

    func weightGradient(_ input: Tensor, _ outputGradient: Tensor, into weightGradient: Tensor) {
        let shape = shape(from: window.input, to: window.output, padding: window.padding)
        let (points, tiles) = (points(shape), tiles(shape))
        let sums = Storage(count: points * outChannels * inChannels)
        ThreadPool.shared.forEach(points) {
            (sums.pointer + $0 * outChannels * inChannels).update(repeating: 0, count: outChannels * inChannels)
        }
        let inputTransform = inputTransform(input, inChannels)
        // 8 MB of points stay in the last-level cache between the transforms and the products.
        let atOnce = min(tiles, max(Self.chunk, (1 << 21) / (points * (inChannels + outChannels))))
        let left = Storage(count: points * atOnce * outChannels)
        let right = Storage(count: points * atOnce * inChannels)
        var first = 0
        while first < tiles {
            let count = min(atOnce, tiles - first)
            fill(left, outChannels, shape, first, count) {
                dk_active.pointee.winograd_output_gradient($0, outputGradient.pointer, outChannels, $1, $2, $3)
            }
            fill(right, inChannels, shape, first, count, by: inputTransform)
            let outs = 64
            let parts = (outChannels + outs - 1) / outs
            // A chunk is [points][tiles][channels]. Its products add to sums that no other job uses.
            ThreadPool.shared.forEach(points * parts) { job in
                let (point, part) = (job / parts, job % parts)
                let rows = min(outs, outChannels - part * outs)
                forEachChunk(count) { start, tiles in
                    let at = start * points + point * tiles
                    Gemm.addOuterProducts(
                        Gemm.Rows(
                            left.pointer + at * outChannels + part * outs, step: outChannels, count: tiles),
                        Gemm.Rows(right.pointer + at * inChannels, step: inChannels, count: tiles),
                        into: sums.pointer + (point * outChannels + part * outs) * inChannels, step: inChannels,
                        m: rows, n: inChannels, precision: precision)
                }
            }
            first += count
        }
        let result = weightGradient.pointer
        ThreadPool.shared.forEachRange(outChannels, grain: 16) { rows in
            withUnsafePointer(to: shape) {
                dk_active.pointee.winograd_weight_gradient(
                    $0, sums.pointer, rows.lowerBound, rows.count, outChannels, inChannels, result)
            }
        }
        withExtendedLifetime((weightGradient, sums, left, right)) {}
    }

    /// Fills memory with the points of `count` tiles, beginning with `first`.
    private typealias Transform = (
        _ shape: UnsafePointer<dk_winograd>, _ first: Int, _ tiles: Int, _ result: UnsafeMutablePointer<Float>
    ) -> Void

    /// From the input, or from its map if that is cheap enough to compute for each of the up to four tiles that read a
    /// value.
    private func inputTransform(_ input: Tensor, _ channels: Int) -> Transform {
        guard let map = input.pendingMap, map.hasOneSample, map.activation != .swish, !map.source.isNarrow else {
            _ = input.storage
            return { dk_active.pointee.winograd_input($0, input.pointer, nil, channels, $1, $2, $3) }
        }
        return { shape, first, tiles, result in
            withUnsafePointer(to: map.kernelArgument()) {
                dk_active.pointee.winograd_input(shape, map.source.pointer, $0, channels, first, tiles, result)
            }
        }
    }

    /// Floats of a weight that stay in half a megabyte of second-level cache.
    private static let secondLevel = 1 << 17

    /// The number of tiles transformed and multiplied at a time: whole register blocks, and short sums for the weight's
    /// gradient.
    private static var chunk: Int { 4 * Gemm.blockRows }

    private func forEachChunk(_ tiles: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
        for start in stride(from: 0, to: tiles, by: Self.chunk) { body(start, min(Self.chunk, tiles - start)) }
    }

    /// Fills `result` with chunks of tiles, each [points][tiles][channels].
    private func fill(
        _ result: Storage, _ channels: Int, _ shape: dk_winograd, _ first: Int, _ tiles: Int, by transform: Transform
    ) {
        let points = points(shape)
        ThreadPool.shared.forEachRange(tiles, grain: Self.chunk) { range in
            withUnsafePointer(to: shape) {
                transform(
                    $0, first + range.lowerBound, range.count, result.pointer + range.lowerBound * points * channels)
            }
        }
    }

    /// Output tiles = the products of input tiles and the weight at each point, a few tiles at a time within the cache.
    private func multiply(
        _ input: Tensor, _ from: Int, by factors: [PackedFactor], _ shape: dk_winograd, into output: Tensor, _ to: Int
    ) {
        let (count, tiles) = (factors.count, tiles(shape))
        let most = (1 << 17) / (count * (from + to))
        let block = Gemm.blockRows
        let grain = max(block, min(Self.chunk, most, (tiles + 7) / 8) / block * block)
        let transform = inputTransform(input, from)
        // If the weight does not stay in the second-level cache, each job reads it again. If that is more traffic than
        // writing and reading the points of all tiles, the tiles are stored and the weight is read once.
        let weight = count * from * to
        if weight > Self.secondLevel, (tiles + grain - 1) / grain * weight > 2 * count * tiles * (from + to) {
            multiplyPointByPoint(transform, from, by: factors, shape, into: output, to)
            return
        }
        let result = output.pointer
        ThreadPool.shared.forEachRange(tiles, grain: grain) { range in
            let (left, products) = (
                Storage(count: count * range.count * from), Storage(count: count * range.count * to)
            )
            withUnsafePointer(to: shape) {
                transform($0, range.lowerBound, range.count, left.pointer)
                for point in 0..<count {
                    Gemm.multiplySerially(
                        Gemm.Rows(left.pointer + point * range.count * from, step: from, count: range.count),
                        factors[point], into: products.pointer + point * range.count * to, step: to)
                }
                dk_active.pointee.winograd_output($0, products.pointer, to, range.lowerBound, range.count, result)
            }
            withExtendedLifetime((left, products)) {}
        }
        withExtendedLifetime(output) {}
    }

    /// The same with the points of all tiles in memory, so that the weight is read once.
    private func multiplyPointByPoint(
        _ transform: Transform, _ from: Int, by factors: [PackedFactor], _ shape: dk_winograd, into output: Tensor,
        _ to: Int
    ) {
        let (count, tiles) = (factors.count, tiles(shape))
        let left = Storage(count: count * tiles * from)
        let products = Storage(count: count * tiles * to)
        fill(left, from, shape, 0, tiles, by: transform)
        ThreadPool.shared.forEach(count) { point in
            forEachChunk(tiles) { start, rows in
                let at = start * count + point * rows
                Gemm.multiplySerially(
                    Gemm.Rows(left.pointer + at * from, step: from, count: rows), factors[point],
                    into: products.pointer + at * to, step: to)
            }
        }
        let result = output.pointer
        ThreadPool.shared.forEachRange(tiles, grain: Self.chunk) { range in
            withUnsafePointer(to: shape) {
                dk_active.pointee.winograd_output(
                    $0, products.pointer + range.lowerBound * count * to, to, range.lowerBound, range.count, result)
            }
        }
        withExtendedLifetime((left, products, output)) {}
    }

    /// The weight at the points: [points][out][in].
    private func points(of weight: Tensor, by shape: dk_winograd, mirrored: Bool) -> Storage {
        let result = Storage(count: points(shape) * outChannels * inChannels)
        let from = weight.pointer
        ThreadPool.shared.forEachRange(outChannels, grain: 16) { rows in
            withUnsafePointer(to: shape) {
                dk_active.pointee.winograd_weight(
                    $0, from, rows.lowerBound, rows.count, outChannels, inChannels, mirrored, result.pointer)
            }
        }
        withExtendedLifetime(weight) {}
        return result
    }

    /// The weight at each point in the order of the products.
    private func factors(
        _ points: Storage, depth: Int, columns: Int, depthStep: Int, columnStep: Int
    ) -> [PackedFactor] {
        let factors = (0..<points.count / (depth * columns)).map { _ in
            PackedFactor(depth: depth, columns: columns, precision: precision)
        }
        ThreadPool.shared.forEach(factors.count) { point in
            factors[point].pack(
                points.pointer + point * depth * columns, depthStep: depthStep, columnStep: columnStep)
        }
        return factors
    }

    private func points(_ shape: dk_winograd) -> Int { withUnsafePointer(to: shape) { dk_winograd_points($0) } }

    private func tiles(_ shape: dk_winograd) -> Int {
        window.batch * shape.planes * shape.outer.tiles * shape.inner.tiles
    }

    /// The tiles of a convolution between two grids (time, height, width): this one, or that of its input's gradient.
    private func shape(from source: [Int], to grid: [Int], padding: [Int]) -> dk_winograd {
        let steps = [source[1] * source[2], source[2], 1]
        let gridSteps = [grid[1] * grid[2], grid[2], 1]
        func axis(_ index: Int) -> dk_winograd_axis {
            let taps = window.kernel[index]
            return dk_winograd_axis(
                tiles: taps == 3 ? (grid[index] + 1) / 2 : grid[index], source: source[index], grid: grid[index],
                step: steps[index], grid_step: gridSteps[index], padding: padding[index], taps: taps)
        }
        let plane = 3 - axes.outer - axes.inner
        return dk_winograd(
            outer: axis(axes.outer), inner: axis(axes.inner), planes: grid[plane], plane_step: steps[plane],
            grid_plane_step: gridSteps[plane], sample_step: source.reduce(1, *), grid_sample_step: grid.reduce(1, *))
    }
}
