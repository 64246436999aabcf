import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SmallAudio.self) }

/// Three residual blocks of 3 x 3 convolutions: the counterpart of `small_video` for spectrograms. It is for
/// demonstrations, tests and trying out recipes, not for results.
struct SmallAudio: Encoder {
    static let name = "small_audio"
    static let summary =
        "Small audio network for CPUs: log-mel [batch, time, mel, channels] to [batch, 256], or to [batch, features]."
    static let reference =
        "Basic blocks of He et al. 2016, Deep residual learning for image recognition; sizes by this kit"

    @Param("Width of a linear layer on top; without it, the 256 pooled features.", from: .ours)
    var features: Int? = nil

    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .paper)
    var channels: Int = 2

    init() {}

    var expectedInput: ExpectedInput { .logMel(channels: channels) }
    var trunkFeatures: Int { 256 }

    func build(_ random: inout RandomStream) throws -> Module {
        let stem = Convolution(channels, 32, kernel: [7, 1, 7], stride: [4, 1, 2], &random)
        let blocks = [(32, 64), (64, 128), (128, 256)].map { inputs, outputs in
            SmallBlock(
                inputs, outputs, kernels: ([3, 1, 3], [3, 1, 3]), strides: ([2, 1, 2], [1, 1, 1]), &random)
        }
        return SmallModule(self, stem: stem, width: 32, blocks: blocks, &random)
    }
}
