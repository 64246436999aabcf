import Kit

/// Pointwise, depthwise 3x3x3 and pointwise convolution around a wider middle, with squeeze and excitation in every other
/// block, added to the input or to its strided projection.
final class X3DBlock: Module {
    private let shortcut: Convolution?
    private let shortcutNorm: BatchNorm?
    private let expand: Convolution
    private let expandNorm: BatchNorm
    private let depthwise: Convolution
    private let depthwiseNorm: BatchNorm
    private let excitation: SqueezeExcitation?
    private let reduce: Convolution
    private let reduceNorm: BatchNorm

    init(
        _ inputs: Int, _ outputs: Int, stride: Int, isExcited: Bool, finalScale: Float, _ random: inout RandomStream
    ) {
        let middle = outputs * 9 / 4
        let strides = [1, stride, stride]
        // A strided shortcut of equal width has no norm in pytorchvideo, though it has one in the authors' SlowFast.
        let projects = inputs != outputs || stride > 1
        shortcut = projects ? Convolution(inputs, outputs, kernel: [1, 1, 1], stride: strides, &random) : nil
        shortcutNorm = inputs != outputs ? BatchNorm(outputs) : nil
        expand = Convolution(inputs, middle, kernel: [1, 1, 1], &random)
        expandNorm = BatchNorm(middle)
        depthwise = Convolution(middle, middle, kernel: [3, 3, 3], stride: strides, groups: middle, &random)
        depthwiseNorm = BatchNorm(middle)
        excitation = isExcited ? SqueezeExcitation(middle, &random) : nil
        reduce = Convolution(middle, outputs, kernel: [1, 1, 1], &random)
        reduceNorm = BatchNorm(outputs, initialScale: finalScale)
        super.init()
        if let shortcut { register("branch1_conv", shortcut) }
        if let shortcutNorm { register("branch1_norm", shortcutNorm) }
        register("branch2.conv_a", expand)
        register("branch2.norm_a", expandNorm)
        register("branch2.conv_b", depthwise)
        register("branch2.norm_b.0", depthwiseNorm)
        if let excitation { register("branch2.norm_b.1.block", excitation) }
        register("branch2.conv_c", reduce)
        register("branch2.norm_c", reduceNorm)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        var x = try depthwise(expandNorm(expand(input), .relu))
        if let excitation {
            x = try depthwiseNorm(x)
            x = try x.gatedSwish(excitation(x))
        } else {
            x = try depthwiseNorm(x, .swish)
        }
        var residual = try shortcut?(input) ?? input
        if let shortcutNorm { residual = try shortcutNorm(residual) }
        return try reduceNorm(reduce(x), .relu, residual: residual)
    }
}

/// A factor between 0 and 1 for each clip and channel, from the channels' means: [batch, .., channels] to
/// [batch, channels] (Hu et al. 2018, "Squeeze-and-excitation networks").
final class SqueezeExcitation: Module {
    private let squeeze: PooledConvolution
    private let excite: PooledConvolution

    init(_ channels: Int, _ random: inout RandomStream) {
        // A sixteenth of the channels, rounded to a multiple of 8: at least 8, and never rounded down by more than a
        // tenth.
        let exact = Double(channels) / 16
        var reduced = max(8, Int(exact + 4) / 8 * 8)
        if Double(reduced) < 0.9 * exact { reduced += 8 }
        squeeze = PooledConvolution(channels, reduced, bias: true, &random)
        excite = PooledConvolution(reduced, channels, bias: true, &random)
        super.init()
        register("0", squeeze)
        register("2", excite)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try excite(squeeze(input.globalMean()).relu()).sigmoid()
    }
}
