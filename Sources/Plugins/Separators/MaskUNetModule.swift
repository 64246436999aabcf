import Kit

/// Four levels down by strided convolutions, four up by sub-pixel convolutions (Shi et al. 2016), with a bridge at each level.
final class MaskUNetModule: Module {
    /// The number of input bins: up to 12 kHz at 48 kHz. Above them, the mask is the mean of the highest bins.
    private static let bins = 512
    private static let highest = 32
    private static let levels = 4
    private static let channels = 2

    private let norm: BatchNorm
    private let down: [Chain]
    private let up: [Chain]
    private let mask: Convolution

    init(width: Int, _ random: inout RandomStream) {
        norm = BatchNorm(Self.channels)
        var (down, up): ([Chain], [Chain]) = ([], [])
        for level in 0..<Self.levels {
            let inputs = level == 0 ? Self.channels : width << (level - 1)
            down.append(Self.stage(inputs, width << level, stride: 2, &random))
        }
        for level in (0..<Self.levels).reversed() {
            // The deepest level has no bridge. The others get the output of the level below and the input on the way
            // down.
            let inputs = (width << level) * (level == Self.levels - 1 ? 1 : 2)
            // Four neighbours on the level above, each as wide as that level.
            up.append(Self.stage(inputs, 4 * (level == 0 ? width / 2 : width << (level - 1)), stride: 1, &random))
        }
        (self.down, self.up) = (down, up)
        mask = Convolution(width / 2 + Self.channels, Self.channels, kernel: [3, 3], bias: true, &random)
        super.init()
        register("norm", norm)
        for (index, stage) in down.enumerated() { register("down.\(index)", stage) }
        for (index, stage) in up.enumerated() { register("up.\(index)", stage) }
        register("mask", mask)
    }

    /// Magnitudes of a mixture [batch, frames, bins, 2] to those of its background.
    override func forward(_ input: Tensor) throws -> Tensor {
        let expected = ExpectedInput(
            "magnitudes", [("batch", nil), ("frames", nil), ("bins", nil), ("channels", Self.channels)])
        try expected.check(input, for: MaskUNet.name)
        guard input.shape[2] > Self.bins else {
            throw KitError.usage("mask_unet: expected more than \(Self.bins) bins, given \(input.shape)")
        }
        let frames = input.shape[1]
        // A quiet noise floor, so that silence has a finite level.
        let levels = try norm((input.slice(axis: 2, 0..<Self.bins) + 0.01).log())
        let missing = (1 << Self.levels) - 1 - (frames - 1) % (1 << Self.levels)
        let whole =
            missing == 0
            ? levels
            : try Tensor.concat([levels, .zeros([input.shape[0], missing, Self.bins, Self.channels])], axis: 1)
        var bridges: [Tensor] = []
        var x = whole
        for stage in down {
            x = try stage(x)
            bridges.append(x)
        }
        for (index, stage) in up.enumerated() {
            if index > 0 { x = try Tensor.concat([x, bridges[Self.levels - 1 - index]], axis: 3) }
            x = try Self.unfolded(stage(x))
        }
        let share = try mask(Tensor.concat([x, whole], axis: 3)).sigmoid().slice(axis: 1, 0..<frames)
        let above = try share.slice(axis: 2, Self.bins - Self.highest..<Self.bins).mean([2], keepDims: true)
            .broadcast(to: [input.shape[0], frames, input.shape[2] - Self.bins, Self.channels])
        return try Tensor.concat([share, above], axis: 2) * input
    }

    private static func stage(_ inputs: Int, _ outputs: Int, stride: Int, _ random: inout RandomStream) -> Chain {
        Chain([
            Convolution(inputs, outputs, kernel: [3, 3], stride: [stride, stride], &random), BatchNorm(outputs),
            Activate.relu,
        ])
    }

    /// [batch, height, width, 4 channels] to [batch, 2 height, 2 width, channels].
    private static func unfolded(_ x: Tensor) throws -> Tensor {
        let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3] / 4)
        return try x.reshaped([batch, height, width, 2, 2, channels]).permuted([0, 1, 3, 2, 4, 5])
            .reshaped([batch, 2 * height, 2 * width, channels])
    }

    override var summary: String { "mask_unet (magnitudes [batch, frames, bins, 2] of a mixture -> of its background)" }
}
