import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AcousticResNet50.self) }

/// A 50-layer residual network for spectrograms. Its early convolutions are separate in time and frequency, and it
/// keeps a fine resolution in time: 280 x 96 becomes 35 x 4.
///
/// Layers, names and initial weights are those of pytorchvideo's `create_acoustic_resnet(model_depth=50)`, which sees the
/// spectrogram as [batch, channels, time, 1, mel]; the pool is a mean over the whole map. It costs 6.6 times as much as
/// `resnet50` (14.6 GMAC for 280 x 96).
struct AcousticResNet50: Encoder {
    static let name = "acoustic_resnet50"
    static let summary =
        "Acoustic ResNet-50: log-mel [batch, time, mel, channels] to [batch, 2048], or to [batch, features]."
    static let reference =
        "Xiao et al. 2020, Audiovisual SlowFast networks (audio pathway); pytorchvideo's create_acoustic_resnet"

    @Param("Width of a linear layer on top; without it, the 2048 pooled features.", from: .inferred)
    var features: Int? = nil

    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .paper)
    var channels: Int = 2

    init() {}

    var expectedInput: ExpectedInput { .logMel(channels: channels) }
    var trunkFeatures: Int { 2048 }

    func build(_ random: inout RandomStream) throws -> Module { AcousticResNet50Module(self, &random) }
}

private final class AcousticResNet50Module: Module {
    private let settings: AcousticResNet50
    private let trunk: Chain
    private let features: Linear?

    init(_ settings: AcousticResNet50, _ random: inout RandomStream) {
        self.settings = settings
        var stages: [Module] = [AcousticStem(settings.channels, 64, &random)]
        for (stage, depth) in [3, 4, 6, 3].enumerated() {
            let outputs = 256 << stage
            let blocks = (0..<depth).map { index in
                AcousticBlock(
                    index > 0 ? outputs : stage == 0 ? 64 : outputs / 2, outputs,
                    stride: stage > 0 && index == 0 ? 2 : 1, isSeparable: stage < 2, &random)
            }
            stages.append(ResidualStage(blocks))
        }
        trunk = Chain(stages)
        features = settings.features.map {
            Linear(settings.trunkFeatures, $0, initialiser: .normal(0.01), &random)
        }
        super.init()
        register("blocks", trunk)
        if let features { register("blocks.5.proj", features) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: AcousticResNet50.name)
        let (batch, time, mel) = (input.shape[0], input.shape[1], input.shape[2])
        let pooled = try trunk(input.reshaped([batch, time, 1, mel, settings.channels])).globalMean()
        return try features?(pooled) ?? pooled
    }

    override var summary: String { "acoustic_resnet50 (\(settings.mapText))" }
}
