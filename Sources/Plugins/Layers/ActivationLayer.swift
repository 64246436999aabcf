import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ActivationLayer.self) }

/// An activation as a layer of a chain, for recipes. Tensors have the same functions as methods: `x:relu()`.
struct ActivationLayer: Layer {
    static let name = "activation"
    static let summary = "An activation of every element, as a part of kit.layer.chain; its shape stays."
    static let reference = "The tensor methods of the same names."

    @Param("The function.", positional: true) var kind: OnlyItem<Kind>

    enum Kind: String, CaseIterable, ChoiceOption {
        case relu, gelu, swish, sigmoid, tanh

        static let foreignWords = ["silu": swish.rawValue]

        func apply(_ x: Tensor) -> Tensor {
            switch self {
            case .relu: x.relu()
            case .gelu: x.gelu()
            case .swish: x.swish()
            case .sigmoid: x.sigmoid()
            case .tanh: x.tanh()
            }
        }

        var title: String {
            switch self {
            case .relu: "ReLU"
            case .gelu: "GELU"
            case .swish: "Swish"
            case .sigmoid: "Sigmoid"
            case .tanh: "Tanh"
            }
        }
    }

    init() {}

    func build(_ random: inout RandomStream) throws -> Module {
        Activate(kind.value.title, kind.value.apply)
    }
}
