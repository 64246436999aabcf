import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MaskUNet.self) }

/// A small U-Net on the spectrogram that estimates the share of background at each point.
final class MaskUNet: SeparatorFactory, ModuleFactory {
    static let name = "mask_unet"
    static let summary =
        "A small U-Net on the log-magnitude spectrogram (48 kHz, 2048 samples every 512) gives a soft mask of the background. "
        + "Train it with scripts/separate/train.lua."
    static let reference =
        "Jansson et al. 2017, Singing voice separation with deep U-Net convolutional networks; sizes by this kit"

    @Param("A safetensors file, or a run's checkpoint; nil for fresh weights, to be trained.", from: .ours)
    var weights: String? = nil
    @Param(
        "Channels of the first level; each of the four levels has twice as many as the one before.", in: 4...256,
        from: .ours)
    var width: Int = 16

    init() {}

    func build(_ random: inout RandomStream) throws -> Module { MaskUNetModule(width: width, &random) }

    func make() throws -> any Separator {
        let network: Module = try make()
        if let weights { try network.loadSeparator(weights) }
        let settings = NetworkSeparator.Settings(
            name: Self.qualifiedName, sampleRate: 48_000, transform: try SpectralTransform(fftSize: 2048, hop: 512),
            channels: 2, target: .background)
        return NetworkSeparator(settings, network)
    }

    static var returns: any OptionConvertible.Type { ObjectOption<any Separator>.self }
    func construct() throws -> Any { try make() as any Separator }
}
