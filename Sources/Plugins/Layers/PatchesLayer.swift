import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(PatchesLayer.self) }

/// The layer `PatchEmbedding` for recipes.
struct PatchesLayer: Layer {
    static let name = "patches"
    static let summary =
        "Patches of a signal, image or video as tokens: [batch, .., in] with the axes of 'size' to [batch, tokens, out]."
    static let reference = "Dosovitskiy et al. 2021, An image is worth 16x16 words, section 3.1"

    @Param("Channels of the input and features of a token.", positional: true) var channels: [Int]
    @Param("Extents of a patch: { time }, { height, width } or { time, height, width }.") var size: OneOrMore<Int>
    @Param(
        "Steps between patches along each axis, or one number for all; by default, patches are next to each other and must fill the input.",
        from: .ours)
    var stride: OneOrMore<Int>? = nil
    @Param(FreshLinearWeights.help, from: .ours) var weights: FreshLinearWeights = .normal

    init() {}

    func validate() throws {
        let axes = size.values.count
        guard channels.count == 2, channels.allSatisfy((1...65536).contains) else {
            throw KitError.usage(
                "option 'channels' must be { in, out }, each 1 to 65536, but is \(channels.optionText)")
        }
        guard 1...3 ~= axes, size.values.allSatisfy((1...4096).contains) else {
            throw KitError.usage(
                "option 'size' must be one to three extents of 1 to 4096, but is \(size.optionText)")
        }
        if let stride { _ = try LayerAxes.extents(stride, "stride", axes, of: "size", in: 1...4096) }
    }

    func build(_ random: inout RandomStream) throws -> Module {
        let axes = size.values.count
        return weights.finish(
            PatchEmbedding(
                channels[0], channels[1], size: size.values,
                stride: try stride.map { try LayerAxes.extents($0, "stride", axes, of: "size", in: 1...4096) },
                initialiser: weights.initialiser, &random))
    }
}
