import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(OpenUnmix.self) }

/// Open-Unmix with weights of its public implementation, or trained here.
final class OpenUnmix: SeparatorFactory, ModuleFactory {
    static let name = "open_unmix"
    static let summary =
        "Open-Unmix: a bidirectional LSTM on the magnitude spectrogram, with the key names of pip openunmix, applied with the "
        + "mixture's phase (its niter=0). Defaults are those of umxhq; umxse is { sample_rate = 16000, fft_size = 1024, "
        + "hop = 512, channels = 1, hidden = 256 }."
    static let reference = "Stöter et al. 2019, Open-Unmix; github.com/sigsep/open-unmix-pytorch"

    @Param("A safetensors file, or a run's checkpoint; nil for fresh weights, to be trained.", from: .ours)
    var weights: String? = nil
    @Param("The part that the network estimates; speech is subtracted from the mixture.", from: .ours)
    var target: NetworkSeparator.Target = .background
    @Param("Samples per second.", in: 4000...192_000, unit: "Hz", from: .inferred) var sampleRate: Int = 44_100
    @Param("Length of a window; an even number.", in: 64...65_536, unit: "samples", from: .inferred)
    var fftSize: Int = 4096
    @Param("Samples between windows.", in: 16...32_768, unit: "samples", from: .inferred) var hop: Int = 1024
    @Param("2, or 1 to use the mean of both channels for both.", in: 1...2, from: .inferred)
    var channels: Int = 2
    @Param("Width of the layers.", in: 2...4096, from: .inferred) var hidden: Int = 512
    @Param("Number of LSTM layers.", in: 1...16, from: .inferred) var layers: Int = 3
    @Param("Whether the LSTM also runs backwards in time.", from: .inferred) var bidirectional: Bool = true
    @Param(
        "Upper end of the spectrum that the network gets; it estimates all of it.", in: 100...96_000, unit: "Hz",
        from: .inferred)
    var bandwidth: Double = 16_000
    @Param(
        "Length of the blocks to separate at once; shorter sound is separated as by pip openunmix.", in: 5...600,
        unit: "s", from: .ours)
    var block: Double = 60

    init() {}

    func validate() throws {
        guard hidden % 2 == 0 else { throw KitError.usage("option 'hidden' must be even, but is \(hidden)") }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        OpenUnmixModule(
            bins: fftSize / 2 + 1, seen: seenBins, channels: channels, hidden: hidden, layers: layers,
            isBidirectional: bidirectional, &random)
    }

    func make() throws -> any Separator {
        let transform = try SpectralTransform(fftSize: fftSize, hop: hop)
        let network: Module = try make()
        if let weights { try network.loadSeparator(weights) }
        let settings = NetworkSeparator.Settings(
            name: Self.qualifiedName, sampleRate: sampleRate, transform: transform, channels: channels, target: target,
            blockSeconds: block)
        return NetworkSeparator(settings, network)
    }

    static var returns: any OptionConvertible.Type { ObjectOption<any Separator>.self }
    func construct() throws -> Any { try make() as any Separator }

    /// The same count as openunmix's `bandwidth_to_max_bin`.
    private var seenBins: Int {
        let bins = fftSize / 2 + 1
        let width = Double(sampleRate) / 2 / Double(bins - 1)
        return min(bins, (0..<bins).count { Double($0) * width <= bandwidth })
    }
}
