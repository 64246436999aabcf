import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ResNet18.self) }

/// The 18-layer residual network for images, with a first convolution for spectrograms of one or more channels.
///
/// Layers, names and initial weights are those of torchvision's `resnet18`. A spectrogram of 96 x 280 costs it 0.96 GMAC, a
/// frame of 224 x 224 1.81 GMAC.
struct ResNet18: Encoder {
    static let name = "resnet18"
    static let summary =
        "ResNet-18: log-mel [batch, time, mel, channels], or video [batch, time, height, width, 3] frame by frame, to [batch, 512], or to [batch, features]."
    static let reference =
        "He et al. 2016, Deep residual learning for image recognition, table 1; torchvision's resnet18"

    @Param("Width of a linear layer on top; without it, the 512 pooled features.", from: .ours)
    var features: Int? = nil

    @Param(
        "What the network reads: a spectrogram, or the frames of a video, whose features are averaged over time.",
        from: .ours, was: "takes")
    var input: InputKind = .spectrogram

    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .paper)
    var channels: Int = 2

    init() {}

    var expectedInput: ExpectedInput { input.expected(channels: channels) }
    var trunkFeatures: Int { 512 }

    func build(_ random: inout RandomStream) throws -> Module {
        ImageResNet(self, input, channels: channels, depths: [2, 2, 2, 2], &random) {
            BasicBlock($0, $1, stride: $2, $3, &$4)
        }
    }
}
