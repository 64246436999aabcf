import Kit

/// Two convolutions with batch norm, added to the input or to its strided projection.
final class SmallBlock: Module {
    private let first: Convolution
    private let firstNorm: BatchNorm
    private let second: Convolution
    private let secondNorm: BatchNorm
    private let shortcut: Convolution
    private let shortcutNorm: BatchNorm

    /// - Parameters:
    ///   - kernels: the kernels of the two convolutions.
    ///   - strides: the strides of the two convolutions; that of the projection is their product.
    init(
        _ inputs: Int, _ outputs: Int, kernels: ([Int], [Int]), strides: ([Int], [Int]), _ random: inout RandomStream
    ) {
        first = Convolution(inputs, outputs, kernel: kernels.0, stride: strides.0, &random)
        firstNorm = BatchNorm(outputs)
        second = Convolution(outputs, outputs, kernel: kernels.1, stride: strides.1, &random)
        secondNorm = BatchNorm(outputs)
        shortcut = Convolution(
            inputs, outputs, kernel: [1, 1, 1], stride: zip(strides.0, strides.1).map { $0 * $1 }, &random)
        shortcutNorm = BatchNorm(outputs)
        super.init()
        register("conv1", first)
        register("bn1", firstNorm)
        register("conv2", second)
        register("bn2", secondNorm)
        register("downsample.0", shortcut)
        register("downsample.1", shortcutNorm)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let x = try second(firstNorm(first(input), .relu))
        return try secondNorm(x, .relu, residual: shortcutNorm(shortcut(input)))
    }
}

/// A stem, blocks, a mean over the map, and a linear layer if `features` is given.
final class SmallModule: Module {
    private let name: String
    private let settings: any Encoder
    private let stem: Convolution
    private let norm: BatchNorm
    private let blocks: Chain
    private let features: Linear?

    init(_ settings: any Encoder, stem: Convolution, width: Int, blocks: [Module], _ random: inout RandomStream) {
        name = type(of: settings).name
        self.settings = settings
        self.stem = stem
        norm = BatchNorm(width)
        self.blocks = Chain(blocks)
        features = settings.features.map { Linear(settings.trunkFeatures, $0, &random) }
        super.init()
        register("stem", stem)
        register("norm", norm)
        register("blocks", self.blocks)
        if let features { register("features", features) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: name)
        let shape = input.shape
        // A spectrogram is a video of one row: [batch, time, 1, mel, channels].
        let maps = shape.rank == 5 ? input : try input.reshaped([shape[0], shape[1], 1, shape[2], shape[3]])
        let pooled = try blocks(norm(stem(maps), .relu)).globalMean()
        return try features?(pooled) ?? pooled
    }

    override var summary: String { "\(name) (\(settings.mapText))" }
}
