import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SmallVideo.self) }

/// Three residual blocks, each a convolution in space and one in time: a network that learns something from small clips
/// in minutes on a CPU. It is for demonstrations, tests and trying out recipes, not for results.
struct SmallVideo: Encoder {
    static let name = "small_video"
    static let summary =
        "Small video network for CPUs: [batch, time, height, width, 3] to [batch, 256], or to [batch, features]."
    static let reference =
        "Blocks of Tran et al. 2018, A closer look at spatiotemporal convolutions (R(2+1)D); sizes by this kit"

    @Param("Width of a linear layer on top; without it, the 256 pooled features.", from: .ours)
    var features: Int? = nil

    init() {}

    var expectedInput: ExpectedInput { .video(channels: 3) }
    var trunkFeatures: Int { 256 }

    func build(_ random: inout RandomStream) throws -> Module {
        let stem = Convolution(3, 32, kernel: [1, 5, 5], stride: [1, 2, 2], &random)
        let blocks = [(32, 64, 1), (64, 128, 2), (128, 256, 2)].map { inputs, outputs, stride in
            SmallBlock(
                inputs, outputs, kernels: ([1, 3, 3], [3, 1, 1]), strides: ([1, 2, 2], [stride, 1, 1]), &random)
        }
        return SmallModule(self, stem: stem, width: 32, blocks: blocks, &random)
    }
}
