import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(MViTv2.self) }

/// The multiscale vision transformers of the paper's second version: towers for video and for sound that end in 768
/// features.
///
/// Blocks follow the public MViTv2 code; stems, sizes and the sound tower are those of the paper's public inference
/// code. Names are those of its checkpoints below `backbone.net.video` and `backbone.net.audio`.
struct MViTv2: Encoder {
    static let name = "mvitv2"
    static let summary =
        "MViTv2: video [batch, time, height, width, 3] or log-mel [batch, time, mel, channels] to [batch, 768], or to [batch, features]."
    static let reference =
        "Li et al. 2022, MViTv2: Improved multiscale vision transformers for classification and detection; towers of arXiv 2304.05600, version 2"

    /// The number of blocks and their widths.
    enum Size: String, ChoiceOption { case s, b }
    enum Modality: String, ChoiceOption { case video, audio }

    @Param("Width of a linear layer on top; without it, the network's 768 features.", from: .ours)
    var features: Int? = nil

    @Param("s has 16 blocks, b has 24.", from: .authorsCode)
    var size: Size = .s

    @Param("What the network reads: frames with values from 0 to 1, or a spectrogram in decibels.", from: .authorsCode)
    var modality: Modality = .video

    @Param(
        "Whether patches overlap along the width (sound), which doubles the tokens, or along height and width (video).",
        from: .authorsCode)
    var overlap: Bool = false

    @Param("Channels of the spectrogram: 1 for mono.", in: 1...64, from: .authorsCode)
    var channels: Int = 1

    @Param(
        "The probability that a sample skips a branch of the last block in training; it rises from 0 at the first block. "
            + "By default 0.2 (s, video), 0.1 (s, audio) or 0.3 (b).", from: .authorsCode)
    var dropPath: Double? = nil

    init() {}

    func validate() throws {
        if let dropPath, !(0..<1 ~= dropPath) {
            throw KitError.usage("option 'drop_path' must be at least 0 and below 1, but is \(dropPath)")
        }
        try validateFeatures()
    }

    var expectedInput: ExpectedInput {
        modality == .video ? .video(channels: 3) : .logMel(channels: channels)
    }
    var trunkFeatures: Int { 768 }

    /// Of the last block of a video's network only the class token is read, whose query has no position and is not
    /// pooled.
    func mayHaveNoGradient(_ name: String) -> Bool {
        let last = "blocks.\(plan.blocks.count - 1).attn."
        return modality == .video && (name.hasPrefix(last + "rel_pos_") || name == last + "pool_q.weight")
    }

    func build(_ random: inout RandomStream) throws -> Module { MViTv2Module(self, &random) }

    var plan: Plan {
        Plan(
            size, modality, overlap: overlap, channels: channels,
            dropPath: dropPath ?? (size == .b ? 0.3 : modality == .video ? 0.2 : 0.1))
    }

    /// The sizes of all layers.
    struct Plan {
        static let epsilon: Float = 1e-6

        let inputs: Int
        let patchKernel: [Int]
        let patchStride: [Int]
        let hasClassToken: Bool
        private(set) var blocks: [(attention: PoolingAttention.Settings, dropPath: Double)] = []

        init(_ size: Size, _ modality: Modality, overlap: Bool, channels: Int, dropPath: Double) {
            let isVideo = modality == .video
            inputs = isVideo ? 3 : channels
            hasClassToken = isVideo
            patchKernel = isVideo ? (overlap ? [3, 7, 7] : [3, 9, 9]) : (overlap ? [7, 7] : [7, 9])
            patchStride = isVideo ? (overlap ? [2, 4, 4] : [2, 8, 8]) : (overlap ? [4, 4] : [4, 8])
            // The grid of the published input, 16 x 224 x 224 or 96 x 288, gives the tables their length.
            var grid = isVideo ? (overlap ? [8, 56, 56] : [8, 28, 28]) : (overlap ? [1, 24, 72] : [1, 24, 36])
            let count = size == .s ? 16 : 24
            let doublings = size == .s ? [1, 3, 14] : [2, 5, 21]
            var keyStride = isVideo ? [1, 8, 8] : [1, 4, 4]
            var (width, heads) = (96, 1)
            for block in 0..<count {
                let doubles = doublings.contains(block)
                let outputs = doubles ? 2 * width : width
                if doubles { heads *= 2 }
                let queryStride = doubles ? [1, 2, 2] : [1, 1, 1]
                keyStride = zip(keyStride, queryStride).map { max($0 / $1, 1) }
                let extents = (0..<3).map { max(grid[$0] / queryStride[$0], grid[$0] / keyStride[$0]) }
                blocks.append(
                    (
                        PoolingAttention.Settings(
                            inputs: width, outputs: outputs, heads: heads, kernel: isVideo ? [3, 3, 3] : [1, 3, 3],
                            queryStride: queryStride, keyStride: keyStride,
                            tables: Self.tables(extents, isVideo: isVideo), epsilon: Self.epsilon),
                        dropPath * Double(block) / Double(count - 1)
                    ))
                grid = zip(grid, queryStride).map { $0 / $1 }
                width = outputs
            }
        }

        /// The rows of the tables. Those of the sound tower have, for both axes, the sum of the extents less 1, as in the
        /// checkpoints; they are interpolated when used.
        private static func tables(_ extents: [Int], isVideo: Bool) -> [Int?] {
            isVideo ? extents.map { 2 * $0 - 1 } : [nil, extents[1] + extents[2] - 1, extents[1] + extents[2] - 1]
        }
    }
}

private final class MViTv2Module: Module, TokenNetwork {
    var timeAxis: Int { settings.modality == .video ? 0 : 2 }
    private let settings: MViTv2
    private let classToken: Tensor?
    private let inputNorm: BatchNorm
    private let patches: Convolution
    private let blocks: [MultiscaleBlock]
    private let norm: LayerNorm
    private let features: Linear?

    init(_ settings: MViTv2, _ random: inout RandomStream) {
        let (plan, normal) = (settings.plan, Initialiser.normal(0.02))
        self.settings = settings
        let width = plan.blocks[0].attention.inputs
        classToken = plan.hasClassToken ? normal.tensor([1, 1, width], &random) : nil
        inputNorm = BatchNorm(plan.inputs, isAffine: false)
        patches = Convolution(
            plan.inputs, width, kernel: plan.patchKernel, stride: plan.patchStride, bias: true, initialiser: normal,
            &random)
        var blocks: [MultiscaleBlock] = []
        for block in plan.blocks {
            blocks.append(MultiscaleBlock(block.attention, dropPath: block.dropPath, &random))
        }
        self.blocks = blocks
        norm = LayerNorm(settings.trunkFeatures, epsilon: MViTv2.Plan.epsilon)
        features = settings.features.map { Linear(settings.trunkFeatures, $0, initialiser: normal, &random) }
        super.init()
        if let classToken { register(parameter: "cls_token", classToken) }
        register("patch_embed.norm", inputNorm)
        register("patch_embed.proj", patches)
        for (index, block) in blocks.enumerated() { register("blocks.\(index)", block) }
        register("norm", norm)
        if let features { register("head", features) }
        // The published initial values. (Their normal distribution is cut at 100 standard deviations.)
        for (name, tensor) in namedParameters() where name.hasSuffix("bias") {
            tensor.pointer.update(repeating: 0.02, count: tensor.count)
        }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: MViTv2.name)
        return try inSmallBatches(input) { input in
            let map = try embedded(input)
            var tokens = try map.tokens(after: classToken)
            var grid = TokenGrid(Array(map.shape.extents[1...3]), leading: classToken == nil ? 0 : 1)
            for block in blocks { (tokens, grid) = try block(tokens, grid) }
            let pooled =
                try classToken == nil
                ? norm(tokens).mean([1]) : norm(tokens.select(axis: 1, 0))
            return try features?(pooled) ?? pooled
        }
    }

    func tokenGrids(of input: Shape) -> [TokenGrid] {
        let (plan, isVideo) = (settings.plan, settings.modality == .video)
        let map = isVideo ? Array(input.extents[1...3]) : [1, input[2], input[1]]
        let unit = isVideo ? [] : [1]
        var grids = [
            TokenGrid(map, leading: plan.hasClassToken ? 1 : 0)
                .strided(unit + plan.patchKernel, unit + plan.patchStride)
        ]
        for block in plan.blocks {
            grids.append(grids.last!.strided(block.attention.kernel, block.attention.queryStride))
        }
        return grids
    }

    /// The patches, [batch, time, height, width, features]. A spectrogram is one frame whose height is frequency.
    private func embedded(_ input: Tensor) throws -> Tensor {
        settings.modality == .video
            ? try patches(inputNorm(input))
            : try patches(inputNorm(input.transposed(1, 2))).unsqueezed(axis: 1)
    }

    override var summary: String { "mvitv2 \(settings.size.rawValue) (\(settings.mapText))" }
}
