import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(R2Plus1D18.self) }

/// An 18-layer residual network for video, whose 3 x 3 x 3 convolutions are split into one in space and one in time.
///
/// Layers, names and initial weights are those of torchvision's `r2plus1d_18`. It costs 40.5 GMAC for 16 frames of 112
/// x 112.
struct R2Plus1D18: Encoder {
    static let name = "r2plus1d_18"
    static let summary =
        "R(2+1)D-18 video network: [batch, time, height, width, 3] to [batch, 512], or to [batch, features]."
    static let reference =
        "Tran et al. 2018, A closer look at spatiotemporal convolutions for action recognition; torchvision's r2plus1d_18"

    @Param("Width of a linear layer on top; without it, the 512 pooled features.", from: .ours)
    var features: Int? = nil

    init() {}

    var expectedInput: ExpectedInput { .video(channels: 3) }
    var trunkFeatures: Int { 512 }

    func build(_ random: inout RandomStream) throws -> Module { R2Plus1D18Module(self, &random) }
}

private final class R2Plus1D18Module: Module {
    private let settings: R2Plus1D18
    private let stem: FactoredConvolution
    private let norm: BatchNorm
    private let stages: [Chain]
    private let features: Linear?

    init(_ settings: R2Plus1D18, _ random: inout RandomStream) {
        self.settings = settings
        stem = FactoredConvolution(3, 64, middle: 45, side: 7, strides: (time: 1, space: 2), &random)
        norm = BatchNorm(64)
        var (stages, inputs) = ([Chain](), 64)
        for stage in 0..<4 {
            let outputs = 64 << stage
            var blocks: [Module] = []
            for index in 0..<2 {
                blocks.append(R2Plus1DBlock(inputs, outputs, stride: stage > 0 && index == 0 ? 2 : 1, &random))
                inputs = outputs
            }
            stages.append(Chain(blocks))
        }
        self.stages = stages
        features = settings.features.map {
            Linear(settings.trunkFeatures, $0, initialiser: .normal(0.01), &random)
        }
        super.init()
        register("stem", stem)
        register("stem.4", norm)
        for (index, stage) in stages.enumerated() { register("layer\(index + 1)", stage) }
        if let features { register("fc", features) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: R2Plus1D18.name)
        return try inSmallBatches(input) { input in
            var x = try norm(stem(input), .relu)
            for stage in stages { x = try stage(x) }
            let pooled = try x.globalMean()
            return try features?(pooled) ?? pooled
        }
    }

    override var summary: String { "r2plus1d_18 (\(settings.mapText))" }
}
