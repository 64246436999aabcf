import CKernels
import KitCore

extension Tensor {
    /// The mean over all axes between the first and the last: [batch, channels], or [batch, 1, ..., 1, channels].
    public func globalMean(keepDims: Bool = false) throws -> Tensor {
        guard shape.rank >= 3 else {
            throw KitError.usage(
                "globalMean: needs the axes [batch, ..., channels] with at least one between, but the shape is \(shape)"
            )
        }
        let (batch, channels) = (shape[0], shape[-1])
        let rows = shape.extents[1..<shape.rank - 1].reduce(1, *)
        let middle = keepDims ? [Int](repeating: 1, count: shape.rank - 2) : []
        let result = Tensor(uninitialized: Shape([batch] + middle + [channels]))
        let sums = SampleSums(batch: batch, rows: rows, channels: channels)
        // The mean of affine values follows from the mean of their input.
        let map = pendingAffineMap
        let source = map?.source ?? self
        let (x, y) = (source.elements, result.pointer)
        sums.total(into: y, scale: 1 / Float(rows)) { _, start, count, sums in
            dk_active.pointee.column_sums(x.from(start), channels, count, sums)
        }
        map?.map(means: y, count: result.count)
        withExtendedLifetime(source) {}
        let (inputShape, isNarrow) = (shape, self.isNarrow)
        return result.recorded("globalMean", [self], form: .globalMean(keepDims: keepDims)) { gradient in
            let result = Tensor(uninitialized: inputShape, narrow: isNarrow)
            let (dy, dx) = (gradient.pointer, result.elements)
            sums.forEachTile { sample, _, start, count in
                let scaled = Storage(count: channels)
                for c in 0..<channels { scaled.pointer[c] = dy[sample * channels + c] / Float(rows) }
                let first = dx.from(start)
                first.store(scaled.pointer, count: channels)
                for row in 1..<Swift.max(1, count) { first.from(row * channels).copy(first, count: channels) }
                withExtendedLifetime(scaled) {}
            }
            withExtendedLifetime(gradient) {}
            return [result]
        }
    }

    /// swish(x gate), the end of a squeeze-and-excitation block in X3D (Feichtenhofer 2020), computed when it is needed
    /// (see `ChannelMap`). For backward, only x and the gate are kept.
    ///
    /// - Parameter gate: [batch, 1, ..., 1, channels] or [batch, channels], one factor for each sample and channel.
    public func gatedSwish(_ gate: Tensor) throws -> Tensor {
        guard shape.rank >= 3, gate.shape.rank >= 2, gate.shape[0] == shape[0], gate.shape[-1] == shape[-1],
            gate.count == shape[0] * shape[-1]
        else {
            throw KitError.usage(
                "gatedSwish: an input [batch, ..., channels] needs a gate [batch, 1, ..., 1, channels], "
                    + "but the shapes are \(shape) and \(gate.shape)")
        }
        let (batch, channels) = (shape[0], shape[-1])
        let zeros = [Float](repeating: 0, count: gate.count)
        let result = Tensor(
            pendingAffineMap?.gated(by: gate, .swish)
                ?? ChannelMap(detached(), factor: gate.values, offset: zeros, .swish))
        // The parameters may change before the values are needed.
        if requiresGrad { result.settle() }
        let sums = SampleSums(batch: batch, rows: count / Swift.max(1, batch * channels), channels: channels)
        let (input, factor) = (saved(), gate.detached())
        return result.recorded("gatedSwish", [self, gate], form: .gatedSwish) { gradient in
            // If the values come from an affine map, they are computed on the fly.
            let map = input.pendingAffineMap
            let source = map?.source ?? input
            let gradient = gradient.converted(toTypeOf: source)
            let result = gradient.overwrittenOrNew(narrow: source.isNarrow)
            let gateGradient = Tensor(uninitialized: factor.shape)
            let argument = map?.kernelArgument()
            let (x, factors, dy, dx) = (source.elements, factor.pointer, gradient.elements, result.elements)
            sums.total(into: gateGradient.pointer, scale: 1) { sample, start, count, sums in
                dk_active.pointee.gated_swish_gradient(
                    x.from(start), argument?.factor, argument?.offset, factors + sample * channels, dy.from(start),
                    channels, count, dx.from(start), sums)
            }
            withExtendedLifetime((source, map, gradient)) {}
            return [result, gateGradient]
        }
    }
}

/// Tiles of rows that do not cross samples, and sums over the rows of each sample.
private struct SampleSums {
    let batch: Int
    let rows: Int
    let channels: Int

    private var grain: Int { ColumnSums.grain(channels) }
    private var tiles: Int { (rows + grain - 1) / grain }

    /// Calls `body(sample, tile, start, rows)`; `start` counts elements.
    func forEachTile(_ body: (_ sample: Int, _ tile: Int, _ start: Int, _ rows: Int) -> Void) {
        ThreadPool.shared.forEach(batch * tiles) { index in
            let (sample, row) = (index / tiles, index % tiles * grain)
            body(sample, index, (sample * rows + row) * channels, min(grain, rows - row))
        }
    }

    /// result[batch, channels] = scale x the sums over each sample's rows. `body(sample, start, rows, sums)` fills a tile's.
    func total(
        into result: UnsafeMutablePointer<Float>, scale: Float,
        _ body: (_ sample: Int, _ start: Int, _ rows: Int, _ sums: UnsafeMutablePointer<Float>) -> Void
    ) {
        let partial = Storage(count: max(1, batch * tiles * channels))
        let sums = partial.pointer
        forEachTile { sample, tile, start, rows in body(sample, start, rows, sums + tile * channels) }
        for sample in 0..<batch {
            for c in 0..<channels {
                var total = 0.0
                for tile in 0..<tiles { total += Double(sums[(sample * tiles + tile) * channels + c]) }
                result[sample * channels + c] = Float(total) * scale
            }
        }
        withExtendedLifetime(partial) {}
    }
}
