import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ClassTokenLayer.self) }

/// The layer `ClassToken` for recipes.
struct ClassTokenLayer: Layer {
    static let name = "class_token"
    static let summary =
        "Puts trained tokens before those of each sample: [batch, tokens, width] to [batch, count + tokens, width]."
    static let reference =
        "Devlin et al. 2019, BERT; Dosovitskiy et al. 2021, An image is worth 16x16 words, equation 1"

    @Param("Features of a token.", positional: true) var width: OnlyItem<Int>
    @Param("The number of tokens: DeiT and AST have two.", in: 1...65536, from: .paper) var count: Int = 1

    init() {}

    func validate() throws { try LayerWidth.check(width.value, "width") }

    func build(_ random: inout RandomStream) throws -> Module {
        ClassToken(width.value, count: count, &random)
    }
}
