import Kit

/// The shortcut around a block of an image network: its input, or a strided projection of it. PyTorch's `downsample`.
final class ImageShortcut: Module {
    private let convolution: Convolution
    private let norm: BatchNorm

    /// Nil if the shortcut is the input itself.
    init?(_ inputs: Int, _ outputs: Int, stride: Int, _ kind: InputKind, _ random: inout RandomStream) {
        guard inputs != outputs || stride > 1 else { return nil }
        convolution = kind.convolution(inputs, outputs, kernel: 1, stride: stride, &random)
        norm = BatchNorm(outputs)
        super.init()
        register("0", convolution)
        register("1", norm)
    }

    override func forward(_ input: Tensor) throws -> Tensor { try norm(convolution(input)) }
}

/// Two 3x3 convolutions, the first with the stride: the block of ResNet-18 and -34.
final class BasicBlock: Module {
    private let first: Convolution
    private let firstNorm: BatchNorm
    private let second: Convolution
    private let secondNorm: BatchNorm
    private let shortcut: ImageShortcut?

    init(_ inputs: Int, _ outputs: Int, stride: Int, _ kind: InputKind, _ random: inout RandomStream) {
        first = kind.convolution(inputs, outputs, kernel: 3, stride: stride, &random)
        firstNorm = BatchNorm(outputs)
        second = kind.convolution(outputs, outputs, kernel: 3, &random)
        secondNorm = BatchNorm(outputs)
        shortcut = ImageShortcut(inputs, outputs, stride: stride, kind, &random)
        super.init()
        register("conv1", first)
        register("bn1", firstNorm)
        register("conv2", second)
        register("bn2", secondNorm)
        if let shortcut { register("downsample", shortcut) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let x = try second(firstNorm(first(input), .relu))
        return try secondNorm(x, .relu, residual: shortcut?(input) ?? input)
    }
}

/// Pointwise, 3x3 with the stride, pointwise: the block of ResNet-50 and deeper.
final class Bottleneck: Module {
    private let reduce: Convolution
    private let reduceNorm: BatchNorm
    private let middle: Convolution
    private let middleNorm: BatchNorm
    private let expand: Convolution
    private let expandNorm: BatchNorm
    private let shortcut: ImageShortcut?

    init(_ inputs: Int, _ outputs: Int, stride: Int, _ kind: InputKind, _ random: inout RandomStream) {
        let inner = outputs / 4
        reduce = kind.convolution(inputs, inner, kernel: 1, &random)
        reduceNorm = BatchNorm(inner)
        middle = kind.convolution(inner, inner, kernel: 3, stride: stride, &random)
        middleNorm = BatchNorm(inner)
        expand = kind.convolution(inner, outputs, kernel: 1, &random)
        expandNorm = BatchNorm(outputs)
        shortcut = ImageShortcut(inputs, outputs, stride: stride, kind, &random)
        super.init()
        register("conv1", reduce)
        register("bn1", reduceNorm)
        register("conv2", middle)
        register("bn2", middleNorm)
        register("conv3", expand)
        register("bn3", expandNorm)
        if let shortcut { register("downsample", shortcut) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let x = try middleNorm(middle(reduceNorm(reduce(input), .relu)), .relu)
        return try expandNorm(expand(x), .relu, residual: shortcut?(input) ?? input)
    }
}
