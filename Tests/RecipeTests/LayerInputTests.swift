import Kit
import LuaBridge
import Plugins
import Testing

/// Layers in a recipe's hands, with tensors that they cannot take.
@Suite struct LayerInputTests {
    /// Each gives a result or an error for tensors without axes, without elements and with many axes. None is a crash.
    @Test(arguments: [
        "batch_norm { 1 }", "layer_norm { 1 }", "linear { 1, 2 }", "convolution { 1, 2, kernel = { 3 } }",
        "global_mean {}", "flatten {}", "lstm { 1, 2 }", "activation { 'relu' }", "dropout { 0.5 }", "max_pool { 2 }",
        "mean_pool { 2 }", "drop_path { 0.5 }", "layer_scale { 1 }", "attention { 4, heads = 1 }", "class_token { 1 }",
        "transformer_block { 4, heads = 1 }", "patches { 1, 2, size = { 2, 2 } }", "feed_forward { 4 }",
        "positions { 4, grid = { 2, 2 } }", "identity {}",
    ])
    func oddShapesAreAnswered(layer: String) throws {
        let lua = try LuaState()
        let answers = try lua.run(
            chunk: """
                local layer = kit.layer.\(layer)
                local answers = {}
                for _, shape in ipairs { { 0 }, { 1 }, { 2, 0 }, { 1, 1, 1, 1, 1, 1 } } do
                  answers[#answers + 1] = select("#", pcall(layer, kit.tensor.ones(shape)))
                end
                local ok, message = pcall(layer, kit.tensor.ones { 1 }:sum())
                return #answers, ok or message.message
                """)
        #expect(try Int(option: answers[0]) == 4)
        if case .string(let message) = answers[1] { #expect(!message.isEmpty) }
    }

    @Test(arguments: ["batch_norm { 1 }", "drop_path { 0.5 }"]) func aTensorWithoutAxesIsNamed(layer: String) throws {
        let error = #expect(throws: KitError.self) {
            try LuaState().run(chunk: "return kit.layer.\(layer)(kit.tensor.ones { 1 }:sum())")
        }
        #expect(error?.message.contains("given a tensor without axes") == true, "\(error?.message ?? "")")
    }

    /// A layer that was used before it is frozen stays out of later graphs, too.
    @Test func layersThatWereUsedCanBeFrozen() throws {
        let answers = try LuaState().run(
            chunk: """
                local layer, x = kit.layer.linear { 2, 2 }, kit.tensor.ones { 1, 2 }
                local before = layer(x)
                layer:freeze()
                layer(x:requires_grad()):sum():backward()
                layer.weight:assign(5)
                return layer.weight.grad == nil, x.grad ~= nil, layer.weight:max():item()
                """)
        #expect(try Bool(option: answers[0]) && Bool(option: answers[1]) && Double(option: answers[2]) == 5)
    }
}
