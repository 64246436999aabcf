import Foundation
import Kit
import LuaBridge
import Plugins
import Testing

/// Names from other libraries, and what a recipe writes instead.
@Suite struct ForeignNameTests {
    private func message(_ chunk: String) throws -> String {
        let lua = try LuaState()
        return #expect(throws: KitError.self) { try lua.run(chunk: chunk, name: "@recipe.lua") }?.message ?? ""
    }

    @Test(arguments: [
        (
            "kit.layer.Conv2d { 3, 8 }",
            "kit.layer has no 'Conv2d': write kit.layer.convolution { in, out, kernel = ... }"
        ),
        (
            "kit.layer.conv2d { 3, 8 }",
            "kit.layer has no 'conv2d': write kit.layer.convolution { in, out, kernel = ... }"
        ),
        ("kit.schedule.CosineAnnealingLR {}", "write kit.schedule.cosine {}"),
        ("kit.layer.MLP {}", "write kit.layer.feed_forward { ... } or kit.head.mlp { ... }"),
        ("kit.loss.VICRegLoss {}", "write kit.loss.vicreg {}"), ("kit.loss.mse {}", "write ((a - b) ^ 2):mean()"),
        ("kit.tensor.randn { 2 }", "kit.tensor has no 'randn': write kit.tensor.normal { ... }"),
        ("kit.tensor.cat {}", "write kit.tensor.concat { x, y, axis = ... }"),
        ("kit.tensor.softmax {}", "write x:softmax()"), ("kit.tensor.bmm {}", "write x:matmul(y)"),
        ("kit.arange { 2 }", "kit has no 'arange': write kit.tensor.arange"),
        ("kit.nn.Linear { 2, 3 }", "kit has no 'nn': write kit.layer"),
        ("kit.loss.linear {}", "write kit.layer.linear"),
        ("kit.unfreeze()", "kit has no 'unfreeze': write module:unfreeze()"),
        ("kit.tensor.ones({ 2 }):cuda()", "write x as it is: tensors are float32, in main memory"),
        ("kit.tensor.ones({ 2 }):clone()", "write x + 0"),
        ("kit.layer.linear({ 2, 2 }):named_buffers()", "write module:state()"),
        ("kit.loss.BCEWithLogitsLoss {}", "write kit.loss.binary_cross_entropy {}"),
        ("kit.layer.attention { 8, num_heads = 2 }", "unknown option 'num_heads': did you mean 'heads'?"),
        ("kit.layer.attention { embed_dim = 8 }", "unknown option 'embed_dim': did you mean 'width'?"),
        ("kit.layer.layer_norm { 8, eps = 1e-6 }", "unknown option 'eps': did you mean 'epsilon'?"),
        ("kit.schedule.cosine { eta_min = 0 }", "unknown option 'eta_min': did you mean 'min_factor'?"),
        (
            "kit.schedule.cosine { T_max = 5 }",
            "unknown option 'T_max': a schedule lasts as long as the run, whose length kit.train's steps or epochs set (it "
        ),
        (
            "kit.loss.triplet { reduction = 'mean' }",
            "unknown option 'reduction': a loss is the mean over the batch (it "
        ),
    ])
    func theNameHereIsShown(chunk: String, words: String) throws {
        let text = try message(chunk)
        #expect(text.contains(words), "\(text)")
    }

    /// What is written for a tensor or module calls methods that they have.
    @Test func theMethodsHereExist() {
        for (type, object) in [(Tensor.self, "x"), (Module.self, "module")] as [(any ScriptObject.Type, String)] {
            let methods = Set(type.scriptMethods.map(\.name))
            for (foreign, own) in type.scriptForeignNames {
                #expect(!methods.contains(foreign), "\(foreign)")
                for call in own.matches(of: #/\b([a-z]+):([a-z_]+)\(/#) where call.1 == object {
                    #expect(methods.contains(String(call.2)), "\(foreign): \(own)")
                }
            }
        }
    }

    @Test func theNamesHereExist() {
        for (foreign, own) in ForeignPlugins.all {
            for name in own.matches(of: #/kit\.([a-z_]+)\.([a-z_0-9]+)/#) {
                let names = PluginRegistry.shared.names(of: String(name.1))
                #expect(names.contains(String(name.2)), "\(foreign): \(own)")
            }
        }
    }
}
