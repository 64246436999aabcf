import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(GlobalMeanLayer.self) }

/// Global average pooling for recipes.
struct GlobalMeanLayer: Layer {
    static let name = "global_mean"
    static let summary =
        "The mean over all axes between batch and channels: [batch, .., channels] to [batch, channels]."
    static let reference = "Lin et al. 2014, Network in network, section 3.2; PyTorch's nn.AdaptiveAvgPool2d(1)"

    init() {}

    func build(_ random: inout RandomStream) throws -> Module { Activate("GlobalMean") { try $0.globalMean() } }
}
