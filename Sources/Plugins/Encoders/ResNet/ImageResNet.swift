import Kit

/// The input of a network of images.
enum InputKind: String, ChoiceOption {
    /// Log-mel [batch, time, mel, channels], which PyTorch sees as [batch, channels, mel, time].
    case spectrogram
    /// Video [batch, time, height, width, 3]: each frame by itself, their features averaged over time.
    case frames

    static let formerWords = ["pictures": "frames"]

    func expected(channels: Int) -> ExpectedInput {
        self == .frames ? .video(channels: 3) : .logMel(channels: channels)
    }

    /// A square convolution without bias. For spectrograms, kernels in files are (mel, time), and here (time, mel).
    func convolution(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, _ random: inout RandomStream
    ) -> Convolution {
        Convolution(
            inputs, outputs, kernel: [kernel, kernel], stride: [stride, stride],
            stored: self == .frames ? nil : .axes([0, 3, 2, 1]), &random)
    }
}

/// A residual network for images: a stem, four stages of blocks, a mean over the map, and a linear layer if `features`
/// is given. Layers, names and initial weights are those of torchvision's `ResNet`.
final class ImageResNet: Module {
    typealias MakeBlock = (
        _ inputs: Int, _ outputs: Int, _ stride: Int, _ kind: InputKind, _ random: inout RandomStream
    ) -> Module

    private let name: String
    private let settings: any Encoder
    private let kind: InputKind
    private let stem: Convolution
    private let norm: BatchNorm
    private let stages: [Chain]
    private let features: Linear?

    /// - Parameter depths: the number of blocks in each stage. The last stage is `trunkFeatures` wide, each one before
    ///   it half as wide.
    init(
        _ settings: any Encoder, _ kind: InputKind, channels: Int, depths: [Int], _ random: inout RandomStream,
        block: MakeBlock
    ) {
        name = type(of: settings).name
        self.settings = settings
        self.kind = kind
        stem = kind.convolution(kind == .frames ? 3 : channels, 64, kernel: 7, stride: 2, &random)
        norm = BatchNorm(64)
        var (stages, inputs) = ([Chain](), 64)
        for (stage, depth) in depths.enumerated() {
            let outputs = settings.trunkFeatures >> (depths.count - 1 - stage)
            var blocks: [Module] = []
            for index in 0..<depth {
                blocks.append(block(inputs, outputs, stage > 0 && index == 0 ? 2 : 1, kind, &random))
                inputs = outputs
            }
            stages.append(Chain(blocks))
        }
        self.stages = stages
        features = settings.features.map { Linear(settings.trunkFeatures, $0, &random) }
        super.init()
        register("conv1", stem)
        register("bn1", norm)
        for (index, stage) in stages.enumerated() { register("layer\(index + 1)", stage) }
        if let features { register("fc", features) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: name)
        let shape = input.shape
        let maps =
            kind == .frames
            ? try input.reshaped([shape[0] * shape[1], shape[2], shape[3], shape[4]]) : input
        var x = try norm(stem(maps), .relu).maxPool2d(kernel: [3, 3], stride: [2, 2], padding: [1, 1])
        for stage in stages { x = try stage(x) }
        var pooled = try x.globalMean()
        if kind == .frames { pooled = try pooled.reshaped([shape[0], shape[1], settings.trunkFeatures]).mean([1]) }
        return try features?(pooled) ?? pooled
    }

    override var summary: String { "\(name) (\(settings.mapText))" }
}
