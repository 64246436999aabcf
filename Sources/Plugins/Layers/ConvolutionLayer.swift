import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ConvolutionLayer.self) }

/// The layer `Convolution` for recipes.
struct ConvolutionLayer: Layer {
    static let name = "convolution"
    static let summary =
        "A convolution over one to three axes between batch and channels, by the extents in 'kernel': [batch, .., in] to [batch, .., out]."
    static let reference = "PyTorch's nn.Conv1d, nn.Conv2d and nn.Conv3d."

    @Param("Channels of the input and of the output.", positional: true) var channels: [Int]
    @Param(
        "Extents of the kernel, one for each axis: { time }, { height, width } or { time, height, width }; log-mel has { time, mel }."
    )
    var kernel: OneOrMore<Int>
    @Param("Step along each axis, or one number for all.", from: .ours) var stride: OneOrMore<Int> = OneOrMore([1])
    @Param(
        "Zeros on both sides of each axis, or one number for all; by default half the kernel, so that an odd kernel keeps the size.",
        from: .ours)
    var padding: OneOrMore<Int>? = nil
    @Param(
        "Number of groups of channels that are convolved separately; as many as channels for a depthwise convolution.",
        in: 1...65536, from: .ours)
    var groups: Int = 1
    @Param("Whether to add a trained bias.", from: .ours) var bias: Bool = true
    @Param(
        "Fresh weights: uniform in ±1 / sqrt(fan in), PyTorch's default, or he, normal by the fan out, as in ResNets.",
        from: .ours)
    var weights: FreshWeights = .uniform
    @Param(
        "Whether files have the last two axes of the kernel in the other order, as networks in PyTorch that see log-mel as [batch, channels, mel, time].",
        from: .ours)
    var swapped: Bool = false

    init() {}

    enum FreshWeights: String, CaseIterable, ChoiceOption {
        case uniform, he
        var initialiser: Initialiser { self == .he ? .heFanOut : .uniformFanIn }
    }

    func validate() throws {
        let axes = kernel.values.count
        guard channels.count == 2, channels.allSatisfy((1...65536).contains) else {
            throw KitError.usage(
                "option 'channels' must be { in, out }, each 1 to 65536, but is \(channels.optionText)")
        }
        guard 1...3 ~= axes, kernel.values.allSatisfy((1...4096).contains) else {
            throw KitError.usage(
                "option 'kernel' must be one to three extents of 1 to 4096, but is \(kernel.optionText)")
        }
        _ = try LayerAxes.extents(stride, "stride", axes, in: 1...4096)
        if let padding { _ = try LayerAxes.extents(padding, "padding", axes, in: 0...4096) }
        guard channels.allSatisfy({ $0 % groups == 0 }) else {
            throw KitError.usage(
                "option 'groups' must divide the channels \(channels.optionText), but is \(groups)")
        }
        guard !swapped || axes >= 2 else {
            throw KitError.usage("option 'swapped' is for kernels of two or three axes, but 'kernel' has one")
        }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        let axes = kernel.values.count
        // [out, in, kernel...] in files.
        let stored = swapped ? StoredForm.axes([0, axes + 1] + (1..<axes - 1) + [axes, axes - 1]) : nil
        return Convolution(
            channels[0], channels[1], kernel: kernel.values,
            stride: try LayerAxes.extents(stride, "stride", axes, in: 1...4096),
            padding: try padding.map { try LayerAxes.extents($0, "padding", axes, in: 0...4096) }, groups: groups,
            bias: bias, initialiser: weights.initialiser, stored: stored, &random)
    }
}
