import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BatchNormLayer.self) }

/// The layer `BatchNorm` for recipes.
struct BatchNormLayer: Layer {
    static let name = "batch_norm"
    static let summary =
        "Normalises each channel over all other axes of [batch, .., channels], then an activation; norm(x, y) adds y before it."
    static let reference =
        "Ioffe and Szegedy 2015, Batch normalization; PyTorch's nn.BatchNorm1d, 2d and 3d"

    @Param("Number of channels.", positional: true) var channels: OnlyItem<Int>
    @Param("Function that is applied last, in the same pass over memory.", from: .ours)
    var activation: FusedActivation = .none
    @Param(
        "Scale of each channel at the start; 0 makes a residual block start as its shortcut.", in: 0...1, from: .ours)
    var initialScale: Double = 1
    @Param("Weight of a batch's statistics in the update of the running ones.", in: 0...1, from: .ours)
    var momentum: Double = 0.1
    @Param("Added to the variance.", in: 1e-12...1, from: .ours) var epsilon: Double = 1e-5

    init() {}

    func validate() throws { try LayerWidth.check(channels.value, "channels") }

    func build(_ random: inout RandomStream) throws -> Module {
        BatchNorm(
            channels.value, initialScale: Float(initialScale), momentum: Float(momentum), epsilon: Float(epsilon),
            activation: activation.activation)
    }
}

/// An activation that another layer applies in its own pass.
enum FusedActivation: String, CaseIterable, ChoiceOption {
    case none, relu, swish

    static let foreignWords = ["silu": swish.rawValue]

    var activation: Activation {
        switch self {
        case .none: .none
        case .relu: .relu
        case .swish: .swish
        }
    }
}
