import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(VGGish.self) }

/// The convolutions of VGGish: six of 3 x 3 with ReLU, halved in size four times, from 64 to 512 channels; then a mean
/// over the map in place of VGGish's fully connected layers for 96 frames of 64 bands. It therefore takes spectrograms
/// of any size, and is small: 4.5 million parameters.
///
/// Names are those of torchvggish (`features.0`, `.3`, `.6`, `.8`, `.11`, `.13`), whose weights load with one channel and
/// `except = { "embeddings" }`.
struct VGGish: Encoder {
    static let name = "vggish"
    static let summary =
        "The convolutions of VGGish: log-mel [batch, time, mel, channels] to [batch, 512], or to [batch, features]."
    static let reference =
        "Hershey et al. 2017, CNN architectures for large-scale audio classification (VGG; its public model VGGish)"

    @Param("Width of a linear layer on top; without it, the 512 pooled features.", from: .ours)
    var features: Int? = nil

    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .paper)
    var channels: Int = 2

    init() {}

    var expectedInput: ExpectedInput { .logMel(channels: channels) }
    var trunkFeatures: Int { 512 }

    func build(_ random: inout RandomStream) throws -> Module { VGGishModule(self, &random) }
}

private final class VGGishModule: Module {
    private let settings: VGGish
    /// The convolutions between two pools.
    private let groups: [[Convolution]]
    private let features: Linear?

    init(_ settings: VGGish, _ random: inout RandomStream) {
        self.settings = settings
        var (groups, inputs) = ([[Convolution]](), settings.channels)
        for widths in [[64], [128], [256, 256], [512, 512]] {
            var group: [Convolution] = []
            for width in widths {
                group.append(Convolution(inputs, width, kernel: [3, 3], bias: true, &random))
                inputs = width
            }
            groups.append(group)
        }
        self.groups = groups
        features = settings.features.map { Linear(settings.trunkFeatures, $0, &random) }
        super.init()
        // The names count convolutions, ReLUs and pools.
        var place = 0
        for group in groups {
            for convolution in group {
                register("features.\(place)", convolution)
                place += 2
            }
            place += 1
        }
        if let features { register("fc", features) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: VGGish.name)
        var x = input
        for group in groups {
            for convolution in group { x = try convolution(x).relu() }
            x = try x.maxPool2d(kernel: [2, 2])
        }
        let pooled = try x.globalMean()
        return try features?(pooled) ?? pooled
    }

    override var summary: String { "vggish (\(settings.mapText))" }
}
