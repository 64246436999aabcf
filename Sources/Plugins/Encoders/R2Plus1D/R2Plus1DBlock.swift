import Kit

/// A convolution in space, batch norm, ReLU, a convolution in time. torchvision's `Conv2Plus1D`.
final class FactoredConvolution: Module {
    private let space: Convolution
    private let norm: BatchNorm
    private let time: Convolution

    /// - Parameters:
    ///   - middle: the channels between the two.
    ///   - side: the side of the kernel in space.
    ///   - strides: the strides along time, and along height and width.
    init(
        _ inputs: Int, _ outputs: Int, middle: Int, side: Int = 3, strides: (time: Int, space: Int),
        _ random: inout RandomStream
    ) {
        space = Convolution(
            inputs, middle, kernel: [1, side, side], stride: [1, strides.space, strides.space], &random)
        norm = BatchNorm(middle)
        time = Convolution(middle, outputs, kernel: [3, 1, 1], stride: [strides.time, 1, 1], &random)
        super.init()
        register("0", space)
        register("1", norm)
        register("3", time)
    }

    override func forward(_ input: Tensor) throws -> Tensor { try time(norm(space(input), .relu)) }
}

/// Two factored convolutions, the first with the stride, added to the input or to its strided projection.
final class R2Plus1DBlock: Module {
    private let first: FactoredConvolution
    private let firstNorm: BatchNorm
    private let second: FactoredConvolution
    private let secondNorm: BatchNorm
    private let shortcut: Convolution?
    private let shortcutNorm: BatchNorm?

    init(_ inputs: Int, _ outputs: Int, stride: Int, _ random: inout RandomStream) {
        // Gives as many parameters as a 3 x 3 x 3 convolution from `inputs` to `outputs`.
        let middle = inputs * outputs * 27 / (inputs * 9 + 3 * outputs)
        first = FactoredConvolution(inputs, outputs, middle: middle, strides: (stride, stride), &random)
        firstNorm = BatchNorm(outputs)
        second = FactoredConvolution(outputs, outputs, middle: middle, strides: (1, 1), &random)
        secondNorm = BatchNorm(outputs)
        let projects = inputs != outputs || stride > 1
        shortcut =
            projects
            ? Convolution(inputs, outputs, kernel: [1, 1, 1], stride: [stride, stride, stride], &random) : nil
        shortcutNorm = projects ? BatchNorm(outputs) : nil
        super.init()
        register("conv1.0", first)
        register("conv1.1", firstNorm)
        register("conv2.0", second)
        register("conv2.1", secondNorm)
        if let shortcut { register("downsample.0", shortcut) }
        if let shortcutNorm { register("downsample.1", shortcutNorm) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let x = try second(firstNorm(first(input), .relu))
        var residual = input
        if let shortcut, let shortcutNorm { residual = try shortcutNorm(shortcut(input)) }
        return try secondNorm(x, .relu, residual: residual)
    }
}
