import KitCore
import KitTensor

/// Masks of tokens in recipes, where places count from 1.
extension TokenMask: ScriptObject {
    public static var scriptTypeName: String { "token mask" }
    public static var scriptSummary: String {
        "Which tokens of each sample are seen. Places count from 1."
    }
    public var scriptDescription: String {
        "token mask of \(counted(kept.count, "sample")), \(keptCount) of \(tokens) tokens seen in each"
    }
    public var scriptBytes: Int { 8 * kept.count * keptCount }

    public static var scriptFields: [ScriptField] {
        [
            ScriptField("places", on: TokenMask.self, [[Int]].self) { $0.kept.map { $0.map { $0 + 1 } } },
            ScriptField("hidden", on: TokenMask.self, Tensor.self) { $0.hidden },
        ]
    }

    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "keep", on: TokenMask.self, "The tokens that are seen: [batch, tokens, width] to [batch, kept, width].",
                ScriptArgument("x", Tensor.self), returns: Tensor.self
            ) { mask, x in try mask.keeping(x) },
            ScriptMethod(
                "fill", on: TokenMask.self,
                "All tokens in order, those that are seen and `filler` for each other one: [batch, kept, width] to [batch, tokens, width].",
                ScriptArgument("seen", Tensor.self), ScriptArgument("filler", Tensor.self), returns: Tensor.self
            ) { mask, seen, filler in try mask.filling(seen, with: filler) },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(TokenMask.self) }
