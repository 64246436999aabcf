import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ResNet50.self) }

/// The 50-layer residual network for images, with a first convolution for spectrograms of one or more channels.
///
/// Layers, names and initial weights are those of torchvision's `resnet50`. A spectrogram of 96 x 280 becomes 3 x 9
/// (2.2 GMAC).
struct ResNet50: Encoder {
    static let name = "resnet50"
    static let summary =
        "ResNet-50: log-mel [batch, time, mel, channels], or video [batch, time, height, width, 3] frame by frame, to [batch, 2048], or to [batch, features]."
    static let reference =
        "He et al. 2016, Deep residual learning for image recognition, in torchvision's form (stride in the 3x3)"

    @Param("Width of a linear layer on top; without it, the 2048 pooled features.", from: .inferred)
    var features: Int? = nil

    @Param(
        "What the network reads: a spectrogram, or the frames of a video, whose features are averaged over time.",
        from: .ours, was: "takes")
    var input: InputKind = .spectrogram

    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .paper)
    var channels: Int = 2

    init() {}

    var expectedInput: ExpectedInput { input.expected(channels: channels) }
    var trunkFeatures: Int { 2048 }

    func build(_ random: inout RandomStream) throws -> Module {
        ImageResNet(self, input, channels: channels, depths: [3, 4, 6, 3], &random) {
            Bottleneck($0, $1, stride: $2, $3, &$4)
        }
    }
}
