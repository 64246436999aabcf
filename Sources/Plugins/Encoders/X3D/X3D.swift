import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(X3D.self) }

/// A narrow 3-D residual network with depthwise convolutions, expanded step by step from a 2-D one.
///
/// Layers, names and initial weights are those of pytorchvideo's `create_x3d`; the last norm of each block starts at 0
/// in S and M, as in the authors' configurations. It takes clips of any length and size; those of the paper are 4
/// frames of 160 x 160 for XS, 13 of 160 for S, 16 of 224 for M, 16 of 312 for L.
struct X3D: Encoder {
    static let name = "x3d"
    static let summary = "X3D video network: [batch, time, height, width, 3] to [batch, 2048], or to [batch, features]."
    static let reference =
        "Feichtenhofer 2020, X3D: Expanding architectures for efficient video recognition, table 1; pytorchvideo's create_x3d"

    enum Variant: String, CaseIterable, ChoiceOption {
        case xs, s, m, l
        /// The number of residual blocks in the four stages.
        var depths: [Int] { self == .l ? [5, 10, 25, 15] : [3, 5, 11, 7] }
    }

    @Param(
        "Size: xs, s and m share their layers and differ in the clips they are made for; l is twice as deep.",
        from: .inferred)
    var variant: Variant = .m

    @Param("Width of a linear layer on top; without it, the 2048 pooled features.", from: .inferred)
    var features: Int? = nil

    @Param("Probability of dropout before the linear layer; classifiers use 0.5.", in: 0...0.95, from: .ours)
    var dropout: Double = 0

    init() {}

    var expectedInput: ExpectedInput { .video(channels: 3) }
    var trunkFeatures: Int { 2048 }

    func build(_ random: inout RandomStream) throws -> Module { X3DModule(self, &random) }
}

private final class X3DModule: Module {
    private let settings: X3D
    private let blocks: Chain

    init(_ settings: X3D, _ random: inout RandomStream) {
        self.settings = settings
        let widths = [24, 48, 96, 192]
        let finalScale: Float = settings.variant == .s || settings.variant == .m ? 0 : 1
        var blocks: [Module] = [X3DStem(widths[0], &random)]
        for (stage, depth) in settings.variant.depths.enumerated() {
            let before = stage == 0 ? widths[0] : widths[stage - 1]
            let residuals = (0..<depth).map { index in
                X3DBlock(
                    index == 0 ? before : widths[stage], widths[stage], stride: index == 0 ? 2 : 1,
                    isExcited: index % 2 == 0, finalScale: finalScale, &random)
            }
            blocks.append(ResidualStage(residuals))
        }
        blocks.append(X3DHead(settings, widths[3], &random))
        self.blocks = Chain(blocks)
        super.init()
        register("blocks", self.blocks)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try settings.expectedInput.check(input, for: X3D.name)
        return try inSmallBatches(input) { try blocks($0) }
    }

    override var summary: String { "x3d \(settings.variant.rawValue) (\(settings.mapText))" }
}
