import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ViT.self) }

/// Vision transformers: of a spectrogram in overlapping patches (AST), or of a video in tubes (as VideoMAE's encoder).
///
/// The sound form is Hugging Face's `ASTModel`, with the names of its public weight files: two class tokens, whose mean is
/// the result, and learned positions. The video form has sine positions, no class token, and the mean of all tokens.
struct ViT: Encoder {
    static let name = "vit"
    static let summary =
        "Vision transformer: log-mel [batch, time, mel, channels] or video [batch, time, height, width, 3] to [batch, 192, 384 or 768], or to [batch, features]."
    static let reference =
        "Gong et al. 2021, AST: Audio spectrogram transformer; Tong et al. 2022, VideoMAE; Touvron et al. 2021 (DeiT) for the sizes"

    enum Modality: String, ChoiceOption { case audio, video }

    /// Width and heads; all sizes have twelve blocks.
    enum Size: String, ChoiceOption {
        case ti, s, b

        var width: Int {
            switch self {
            case .ti: 192
            case .s: 384
            case .b: 768
            }
        }
        var heads: Int { width / 64 }
    }

    static let blocks = 12
    static let epsilon: Float = 1e-12

    @Param("Width of a linear layer on top; without it, the network's own features.", from: .ours)
    var features: Int? = nil

    @Param("What the network reads.", from: .ours)
    var modality: Modality = .audio

    @Param("Width: ti 192, s 384, b 768 (as published for both forms).", from: .ours)
    var size: Size = .s

    @Param("Height and width of a patch.", in: 1...256, from: .inferred)
    var patch: Int = 16

    @Param(
        "Steps between patches of a spectrogram: smaller than the patch, they overlap. Patches of a video do not.",
        in: 1...256, from: .inferred)
    var stride: Int = 10

    @Param("Frames of a video in a tube.", in: 1...64, from: .inferred)
    var tube: Int = 2

    @Param("Channels of the spectrogram: 2 for stereo.", in: 1...64, from: .ours)
    var channels: Int = 1

    @Param("Bands of the spectrogram.", in: 1...4096, from: .ours)
    var mels: Int = 96

    @Param(
        "Frames of the spectrogram that the learned positions are for; for others they are interpolated along time.",
        in: 1...1_000_000, from: .ours)
    var frames: Int = 288

    @Param(
        "The probability that a sample skips a branch of the last block in training; it rises from 0 at the first.",
        in: 0...0.99, from: .ours)
    var dropPath: Double = 0

    @Param("The initial factor of residual branches (layer scale); nil for no factors.", from: .ours)
    var layerScale: Double? = nil

    init() {}

    func validate() throws {
        try validateFeatures()
        if let layerScale, !(0.0...1 ~= layerScale) {
            throw KitError.usage("option 'layer_scale' must be 0 to 1, but is \(layerScale)")
        }
        guard modality == .video || (mels >= patch && frames >= patch) else {
            throw KitError.usage(
                "a patch of \(patch) does not fit a spectrogram of \(counted(frames, "frame")) and \(counted(mels, "mel"))"
            )
        }
    }

    var expectedInput: ExpectedInput {
        modality == .video ? .video(channels: 3) : .logMel(mels: mels, channels: channels)
    }
    var trunkFeatures: Int { size.width }

    func build(_ random: inout RandomStream) throws -> Module {
        modality == .audio ? SoundViT(self, &random) : VideoViT(self, &random)
    }

    /// The blocks, with drop path that rises.
    fileprivate func makeBlocks(_ random: inout RandomStream) -> Chain {
        var blocks: [Module] = []
        for block in 0..<Self.blocks {
            blocks.append(
                TransformerBlock(
                    size.width, heads: size.heads, hidden: 4 * size.width, epsilon: Self.epsilon,
                    dropPath: dropPath * Double(block) / Double(Self.blocks - 1),
                    layerScale: layerScale.map(Float.init),
                    &random))
        }
        return Chain(blocks)
    }

    fileprivate func makeHead(_ random: inout RandomStream) -> Linear? {
        features.map { Linear(size.width, $0, initialiser: .normal(0.02), &random) }
    }

    fileprivate var text: String { "vit \(size.rawValue) (\(mapText))" }
}

private final class SoundViT: Module, TokenNetwork {
    let timeAxis = 1
    private let settings: ViT
    private let classToken: Tensor
    private let distillationToken: Tensor
    private let positions: Tensor
    private let patches: Convolution
    private let blocks: Chain
    private let norm: LayerNorm
    private let head: Linear?
    /// Patches along frequency and time that the positions are for.
    private let grid: [Int]

    init(_ settings: ViT, _ random: inout RandomStream) {
        let (width, normal) = (settings.size.width, Initialiser.normal(0.02))
        self.settings = settings
        grid = [settings.mels, settings.frames].map { ($0 - settings.patch) / settings.stride + 1 }
        classToken = normal.tensor([1, 1, width], &random)
        distillationToken = normal.tensor([1, 1, width], &random)
        positions = normal.tensor([1, 2 + Shape.product(grid), width], &random)
        patches = Convolution(
            settings.channels, width, kernel: [settings.patch, settings.patch],
            stride: [settings.stride, settings.stride], padding: [0, 0], bias: true, initialiser: normal, &random)
        blocks = settings.makeBlocks(&random)
        norm = LayerNorm(width, epsilon: ViT.epsilon)
        head = settings.makeHead(&random)
        super.init()
        register(parameter: "embeddings.cls_token", classToken)
        register(parameter: "embeddings.distillation_token", distillationToken)
        register(
            parameter: "embeddings.position_embeddings", positions, positions: .places(grid: grid, leading: 2))
        register("embeddings.patch_embeddings.projection", patches)
        register("encoder.layer", blocks)
        register("layernorm", norm)
        if let head { register("head", head) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: ViT.name)
        guard input.shape[1] >= settings.patch else {
            throw KitError.usage(
                "vit: a patch spans \(counted(settings.patch, "frame")), but the input has only \(input.shape[1]): \(input.shape)"
            )
        }
        return try inSmallBatches(input) { input in
            let map = try patches(input.transposed(1, 2))
            let tokens = try map.unsqueezed(axis: 1).tokens(
                after: Tensor.concat([classToken, distillationToken], axis: 1))
            let encoded = try norm(blocks(tokens + positions(map.shape[2])))
            let pooled = try encoded.slice(axis: 1, 0..<2).mean([1])
            return try head?(pooled) ?? pooled
        }
    }

    func tokenGrids(of input: Shape) -> [TokenGrid] {
        [TokenGrid([grid[0], (input[1] - settings.patch) / settings.stride + 1], leading: 2)]
    }

    /// The positions for a number of patches along time, [1, tokens, width].
    private func positions(_ time: Int) throws -> Tensor {
        guard time != grid[1] else { return positions }
        let (rows, width) = (grid[0], settings.size.width)
        // Time first, so that it can be interpolated.
        let table = try positions.slice(axis: 1, 2..<positions.shape[1]).reshaped([rows, grid[1], width])
            .transposed(0, 1).reshaped([grid[1], rows * width])
        let resampled = try table.resampledRows(time).reshaped([time, rows, width]).transposed(0, 1)
        return try Tensor.concat(
            [positions.slice(axis: 1, 0..<2), resampled.reshaped([1, rows * time, width])], axis: 1)
    }

    override var summary: String { settings.text }
}

private final class VideoViT: Module, TokenNetwork {
    let timeAxis = 0
    private let settings: ViT
    /// Those of the last number of tokens.
    private var positions: Tensor?
    private let patches: Convolution
    private let blocks: Chain
    private let norm: LayerNorm
    private let head: Linear?

    init(_ settings: ViT, _ random: inout RandomStream) {
        self.settings = settings
        let kernel = [settings.tube, settings.patch, settings.patch]
        patches = Convolution(
            3, settings.size.width, kernel: kernel, stride: kernel, padding: [0, 0, 0], bias: true,
            initialiser: .normal(0.02), &random)
        blocks = settings.makeBlocks(&random)
        norm = LayerNorm(settings.size.width)
        head = settings.makeHead(&random)
        super.init()
        register("embeddings.patch_embeddings.projection", patches)
        register("encoder.layer", blocks)
        register("fc_norm", norm)
        if let head { register("head", head) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: ViT.name)
        for (axis, (name, side)) in zip(
            1..., [("time", settings.tube), ("height", settings.patch), ("width", settings.patch)])
        where input.shape[axis] % side != 0 {
            let below = input.shape[axis] / side * side
            throw KitError.usage(
                "vit: \(name) must be a multiple of \(side), such as \(below > 0 ? below : side), but is "
                    + "\(input.shape[axis]): \(input.shape)")
        }
        return try inSmallBatches(input) { input in
            let tokens = try patches(input).tokens(after: nil)
            if positions?.shape[0] != tokens.shape[1] {
                positions = .sinePositions(tokens.shape[1], tokens.shape[2])
            }
            let pooled = try norm(blocks(positions.map { try tokens + $0 } ?? tokens).mean([1]))
            return try head?(pooled) ?? pooled
        }
    }

    func tokenGrids(of input: Shape) -> [TokenGrid] {
        let sides = [settings.tube, settings.patch, settings.patch]
        return [TokenGrid(sides.indices.map { input[$0 + 1] / sides[$0] }, leading: 0)]
    }

    override var summary: String { settings.text }
}
