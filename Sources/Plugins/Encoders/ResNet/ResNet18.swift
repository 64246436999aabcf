import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ResNet18.self) }

/// The 18-layer residual network of images, with a first convolution for spectrograms of one or more channels.
///
/// Layers, names and initial weights are those of torchvision's `resnet18`. A spectrogram of 96 x 280 costs it 0.96 GMAC, a
/// picture of 224 x 224 1.81 GMAC.
struct ResNet18: Encoder {
    static let name = "resnet18"
    static let summary =
        "ResNet-18: log-mel [batch, time, mel, channels], or video [batch, time, height, width, 3] picture by picture, to [batch, 512], or to [batch, features]."
    static let source = "He et al. 2016, Deep residual learning for image recognition, table 1; torchvision's resnet18"

    @Param("Width of a linear layer on top; without it, the 512 pooled features.", from: .ours)
    var features: Int? = nil

    @Param("What it looks at: a spectrogram, or pictures, whose features are averaged over time.", from: .ours)
    var takes: ImageKind = .spectrogram

    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .paper)
    var channels: Int = 2

    init() {}

    var input: ExpectedInput { takes.input(channels: channels) }
    var trunkFeatures: Int { 512 }

    func build(_ random: inout RandomStream) throws -> Module {
        ImageResNet(self, takes, channels: channels, depths: [2, 2, 2, 2], &random) {
            BasicBlock($0, $1, stride: $2, $3, &$4)
        }
    }
}
