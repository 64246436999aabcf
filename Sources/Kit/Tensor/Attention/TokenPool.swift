import CKernels
import KitCore

extension Tensor {
    /// Convolves tokens in a grid, each feature with a kernel of its own that all heads share: the pooling of Fan et al.
    /// 2021, "Multiscale vision transformers". Tokens before the grid are copied.
    ///
    /// This tensor is [batch, leading + those of the grid, heads x width].
    ///
    /// - Parameters:
    ///   - weight: [width, time, height, width, 1]: as a depthwise convolution's over time, height and width. The padding
    ///     is half of the kernel.
    ///   - grid: the extents of the grid: time, height, width.
    ///   - stride: the steps along time, height and width.
    ///   - leading: the number of tokens before those of the grid: 1 for a class token.
    /// - Returns: [batch, leading + those of the strided grid, heads x width], in the type of these tokens.
    public func pooledTokens(_ weight: Tensor, grid: [Int], stride: [Int], leading: Int = 0) throws -> Tensor {
        guard shape.rank == 3, grid.count == 3, leading >= 0, shape[1] == leading + Shape.product(grid) else {
            throw KitError.usage(
                "token pool: tokens must be [batch, \(leading) + \(grid), heads x width], but their shape is \(shape)")
        }
        guard weight.shape.rank == 5, weight.shape[4] == 1, weight.shape[0] > 0, shape[2] % weight.shape[0] == 0 else {
            throw KitError.usage(
                "token pool: the weight must be [width, time, height, width, 1] with a width that divides "
                    + "\(shape[2]) features, but its shape is \(weight.shape)")
        }
        let kernel = Array(weight.shape.extents[1...3])
        let window = try Window(
            "token pool", rank: 3, over: Shape([1] + grid + [shape[2]]), kernel: kernel, stride: stride,
            padding: kernel.map { $0 / 2 })
        let pool = TokenPool(
            batch: shape[0], leading: leading, heads: shape[2] / weight.shape[0],
            convolution: DepthwiseConvolution(window: window, channels: shape[2]))
        let result = Tensor(
            uninitialized: [shape[0], leading + Shape.product(window.output), shape[2]], narrow: isNarrow)
        try ThreadPool.abandonable { pool.apply(self, weight, into: result) }
        let input = weight.needsGrad ? detached() : nil
        let savedWeight = needsGrad ? weight.detached() : nil
        let (before, weightShape, isNarrow) = (shape, weight.shape, self.isNarrow)
        let flops = 2 * Double(result.count) * Double(window.taps)
        let form = GraphForm.pooledTokens(
            heads: pool.heads, grid: grid, pooled: window.output, stride: stride, leading: leading)
        return result.recorded("token pool", [self, weight], flops: flops, form: form) { gradient in
            let inputGradient = try savedWeight.map { weight in
                let result = Tensor(uninitialized: before, narrow: isNarrow)
                try ThreadPool.abandonable { pool.inputGradient(gradient, weight, into: result) }
                return result
            }
            let weightGradient = try input.map { input in
                let result = Tensor(uninitialized: weightShape)
                try ThreadPool.abandonable { pool.weightGradient(input, gradient, into: result) }
                return result
            }
            return [inputGradient, weightGradient]
        }
    }
}

/// A depthwise convolution of the tokens in a grid, sample by sample, because other tokens may be between the samples.
private struct TokenPool {
    let batch: Int
    let leading: Int
    let heads: Int
    /// Of one sample.
    let convolution: DepthwiseConvolution

    private var channels: Int { convolution.channels }

    func apply(_ input: Tensor, _ weight: Tensor, into output: Tensor) {
        let weight = repeated(weight)
        forEachSample { sample in
            convolution.apply(
                grid(input, sample, convolution.window.input), weight, nil,
                into: grid(output, sample, convolution.window.output))
        }
        copyLeading(input, to: output)
    }

    func inputGradient(_ outputGradient: Tensor, _ weight: Tensor, into inputGradient: Tensor) {
        let weight = repeated(weight)
        forEachSample { sample in
            convolution.inputGradient(
                grid(outputGradient, sample, convolution.window.output), weight,
                into: grid(inputGradient, sample, convolution.window.input))
        }
        copyLeading(outputGradient, to: inputGradient)
    }

    func weightGradient(_ input: Tensor, _ outputGradient: Tensor, into weightGradient: Tensor) {
        let taps = convolution.window.taps
        // [batch, heads, width, taps], of which the sum is over samples and heads.
        let parts = Tensor(uninitialized: [batch * channels, taps])
        forEachSample { sample in
            convolution.weightGradient(
                grid(input, sample, convolution.window.input),
                grid(outputGradient, sample, convolution.window.output),
                into: Tensor(parts.storage, offset: sample * channels * taps, shape: [channels, taps]))
        }
        ColumnSums.add(
            parts.pointer, count: batch * heads, of: channels / heads * taps, into: weightGradient.pointer)
        withExtendedLifetime((parts, weightGradient)) {}
    }

    /// Calls `body` for each sample. With a sample for every thread, each computes its own: the grids of later blocks are
    /// too small to be shared. The bits are the same either way, since a convolution's tasks depend only on its shape.
    private func forEachSample(_ body: (Int) -> Void) {
        guard batch < ThreadPool.shared.threadCount else { return ThreadPool.shared.forEach(batch, body) }
        for sample in 0..<batch { body(sample) }
    }

    /// The weight of every head: [heads x width, time, height, width, 1].
    private func repeated(_ weight: Tensor) -> Tensor {
        guard heads > 1 else { return weight }
        let result = Tensor(uninitialized: Shape([channels] + weight.shape.extents.dropFirst()))
        for head in 0..<heads {
            (result.pointer + head * weight.count).update(from: weight.pointer, count: weight.count)
        }
        return result
    }

    /// The grid of one sample, as a view.
    private func grid(_ tokens: Tensor, _ sample: Int, _ extents: [Int]) -> Tensor {
        tokens.part(from: (sample * tokens.shape[1] + leading) * channels, Shape([1] + extents + [channels]))
    }

    private func copyLeading(_ from: Tensor, to: Tensor) {
        let (x, y) = (from.elements, to.elements)
        for sample in 0..<batch {
            y.from(sample * to.shape[1] * channels).copy(
                x.from(sample * from.shape[1] * channels), count: leading * channels)
        }
        withExtendedLifetime((from, to)) {}
    }
}
