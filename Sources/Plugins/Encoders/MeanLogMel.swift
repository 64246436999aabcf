import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MeanLogMel.self) }

/// A baseline without a network: how far the mean spectrum gets on a task.
struct MeanLogMel: Encoder {
    static let name = "mean_log_mel"
    static let summary =
        "The mean and standard deviation over time of each mel band, without weights: log-mel [batch, time, mel, channels] to "
        + "[batch, 2 x mel x channels]. A baseline for trained encoders."
    static let reference = "The usual naive baseline; statistics over time as in HEAR's baseline."

    @Param("Mel bands.", in: 1...4096, from: .paper) var mels: Int = 96
    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .paper) var channels: Int = 2

    init() {}

    var expectedInput: ExpectedInput { .logMel(mels: mels, channels: channels) }
    var trunkFeatures: Int { 2 * mels * channels }
    var features: Int? { nil }

    func build(_ random: inout RandomStream) throws -> Module { Statistics(self) }

    private final class Statistics: Module {
        private let plugin: MeanLogMel
        private let bands: Bands

        init(_ plugin: MeanLogMel) {
            self.plugin = plugin
            bands = Bands(plugin.mels * plugin.channels)
            super.init()
            register("bands", bands)
        }

        override func forward(_ input: Tensor) throws -> Tensor {
            try plugin.expectedInput.check(input, for: MeanLogMel.name)
            let bands = try self.bands(input)
            // The population deviation, so that it is defined for a spectrogram of one frame too.
            let deviation = try (bands.variance([1], correction: 0) + 1e-12).sqrt()
            return try Tensor.concat([bands.mean([1]), deviation], axis: 1)
        }

        override var summary: String { "mean_log_mel, \(plugin.mapText)" }
    }

    /// The bands of all channels in each frame, [batch, time, mel x channels], which frame-level features are.
    private final class Bands: Module {
        private let count: Int
        init(_ count: Int) { self.count = count }

        override func forward(_ input: Tensor) throws -> Tensor {
            try input.reshaped([input.shape[0], input.shape[1], count])
        }

        override var summary: String { "bands (\(count))" }
    }
}
