import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Encoders, heads, layers and losses with state that recipes write in Lua.
@Suite(.serialized) struct DefinedNetworkTests {
    private let lua: LuaState
    init() throws { lua = try LuaState() }

    /// An encoder of two branches with a token and a counter.
    static let encoder = """
        local layer = kit.layer
        kit.define.layer {
          name = "lua_mixer",
          help = "A linear layer with a residual: [batch, width] to the same.",
          options = { width = { 8, "Width of the input." } },
          parts = function(options) return { linear = layer.linear { options.width, options.width } } end,
          forward = function(self, x, options) return x + self.linear(x):relu() end,
        }
        kit.define.encoder {
          name = "lua_branches",
          help = "Two branches of a spectrogram: log-mel [batch, time, mel, 2] to [batch, 2 width].",
          options = { width = { 8, "Width of a branch.", range = { 1, 64 } } },
          input = function(options) return { "log_mel", channels = 2 } end,
          width = function(options) return 2 * options.width end,
          parts = function(options)
            return {
              stem = layer.convolution { 2, options.width, kernel = { 5, 3 }, stride = { 4, 2 }, bias = false },
              norm = layer.batch_norm { options.width, activation = "relu" },
              mixers = { layer.lua_mixer { width = options.width }, layer.lua_mixer { width = options.width } },
              token = kit.parameter(kit.tensor.ones { options.width }),
              seen = kit.tensor.zeros { 1 },
            }
          end,
          forward = function(self, x, options)
            self.seen:assign(self.seen + 1)
            local map = self.norm(self.stem(x))
            local mean = map:mean({ 2, 3 }) + self.token
            for _, mixer in ipairs(self.mixers) do mean = mixer(mean) end
            return kit.tensor.concat { mean, map:max({ 2, 3 }), axis = 2 }
          end,
        }
        """

    @discardableResult
    private func run(_ chunk: String) throws -> [OptionValue] { try lua.run(chunk: chunk, name: "@recipe.lua") }

    private func message(_ chunk: String) -> String {
        let error = #expect(throws: KitError.self) { try run(chunk) }
        return error?.message ?? ""
    }

    private func module(_ chunk: String) throws -> Module {
        try ObjectOption<Module>(option: try #require(try run(chunk).first)).object
    }

    @Test func anEncoderInLuaPassesTheChecksOfNativeOnes() throws {
        try run(Self.encoder.replacing("self.seen:assign(self.seen + 1)", with: ""))
        let report = try run("return tostring(kit.check(kit.encoder.lua_branches))")
        guard case .string(let text)? = report.first else {
            Issue.record("no report")
            return
        }
        for check in ["documentation", "output", "backward", "bits", "weights", "inputs"] {
            #expect(
                text.split(separator: "\n").contains { $0.hasPrefix("\(check) ") && $0.contains("  ok  ") }, "\(text)")
        }
    }

    @Test func listsMayHaveModulesAndTensors() throws {
        try run(
            """
            kit.define.layer {
              name = "lua_mixed",
              help = "Lists with parts of all kinds.",
              parts = function()
                return {
                  list = { kit.layer.linear { 2, 2 }, kit.parameter(kit.tensor.ones { 2 }), kit.tensor.zeros { 2 } },
                  pairs = { { kit.layer.linear { 2, 2 }, kit.parameter(kit.tensor.ones { 2 }) } },
                }
              end,
              forward = function(self, x)
                assert(#self.list == 3 and #self.pairs == 1 and #self.pairs[1] == 2)
                return self.pairs[1][1](self.list[1](x) * self.list[2] + self.list[3]) * self.pairs[1][2]
              end,
            }
            """)
        let layer = try module("layer = kit.layer.lua_mixed {}; layer(kit.tensor.ones { 1, 2 }); return layer")
        #expect(
            layer.stateEntries().map(\.name).sorted() == [
                "list.0.bias", "list.0.weight", "list.1", "list.2", "pairs.0.0.bias", "pairs.0.0.weight", "pairs.0.1",
            ])
    }

    /// A list is numbered, so a part that is left out would rename those after it.
    @Test(arguments: [
        (
            "blocks = { linear(), false, linear() }",
            "returned false as 'blocks.1' (item 2 of a list): leave it out, or put"
        ),
        ("blocks = { { linear(), false } }", "returned false as 'blocks.0.1' (item 2 of a list)"),
        ("blocks = { linear(), nil, linear() }", "'blocks' is a list with holes"),
    ])
    func aListWithoutAPartIsRefused(part: String, words: String) throws {
        let error = #expect(throws: KitError.self) {
            try run(
                """
                local function linear() return kit.layer.linear { 2, 2 } end
                kit.define.layer {
                  name = "lua_left_out", help = "A list with a part left out.",
                  parts = function() return { \(part) } end,
                  forward = function(self, x) return x end,
                }
                kit.layer.lua_left_out {}
                """)
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    /// Parts by name may be false, for what a variant of a network lacks.
    @Test func aNamedPartMayBeLeftOut() throws {
        let layer = try module(
            """
            kit.define.layer {
              name = "lua_optional", help = "A part that may be left out.",
              parts = function() return { norm = false, named = { top = false, body = kit.layer.linear { 2, 2 } } } end,
              forward = function(self, x) return self.named.body(x) end,
            }
            return kit.layer.lua_optional {}
            """)
        #expect(layer.stateEntries().map(\.name).sorted() == ["named.body.bias", "named.body.weight"])
    }

    /// Tokens of patches whose axes an encoder says have moments, with or without a class token before them.
    @Test func tokensWithNamedAxesFollowTime() throws {
        func frames(_ name: String, _ tokens: String, _ layer: String) throws -> [OptionValue] {
            try run(
                """
                local layer = kit.layer
                kit.define.encoder {
                  name = "\(name)", help = "Patches and a block.", input = "log_mel", width = 8, \(tokens)
                  parts = function()
                    return {
                      patches = layer.patches { 2, 8, size = { 16, 20 } }, token = layer.class_token { 8 },
                      blocks = layer.transformer { 8, heads = 2, depth = 1 },
                    }
                  end,
                  forward = function(self, x)
                    return self.blocks(self.token(self.patches(x:transpose(2, 3)))):mean(2)
                  end,
                }
                local found = kit.embed {
                  data = "samples/movies/film-001.mp4", encoders = { audio = kit.encoder.\(name) {} }, frames = "time",
                  tracks = { "en" }, layer = \(layer),
                }
                return #found.audio:frames "film-001"
                """)
        }
        // Five clips of 280 frames.
        let tokens = "tokens = { \"mel\", \"time\" },"
        #expect(try Int(option: #require(frames("lua_tokens", tokens, "nil").first)) == 70)
        #expect(try Int(option: #require(frames("lua_patches", tokens, "\"patches\"").first)) == 70)
        for (name, tokens, words) in [
            ("lua_unknown", "", "tokens whose places in time are not known"),
            ("lua_twice", "tokens = { \"time\", \"time\" },", "'tokens' must name each axis once and time among them"),
            ("lua_bands", "tokens = { \"mel\", \"height\" },", "'tokens' must name each axis once and time among them"),
            ("lua_words", "tokens = { \"mels\", \"time\" },", "did you mean 'mel'?"),
        ] {
            let error = #expect(throws: KitError.self) { try frames(name, tokens, "nil") }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test func partsAreNamedSavedAndLoaded() throws {
        try run(Self.encoder)
        let encoder = try module("encoder = kit.encoder.lua_branches { width = 4 }; return encoder")
        let names = [
            "token", "stem.weight", "norm.weight", "norm.bias", "mixers.0.linear.weight", "mixers.0.linear.bias",
            "mixers.1.linear.weight", "mixers.1.linear.bias",
        ]
        #expect(encoder.namedParameters().map(\.name) == names)
        #expect(encoder.summary == "lua_branches (log-mel [batch, time, mel, channels 2] -> [batch, 8])")
        let folder = try Folder()
        let values = try run(
            """
            local x = kit.tensor.normal { 2, 32, 16, 2, seed = 1 }
            local y = encoder(x)
            assert(encoder.seen:item() == 1 and encoder.mixers[2].linear.weight:shape()[1] == 4)
            local copy = encoder:copy()
            copy:eval() encoder:eval()
            local same = (copy(x) - encoder(x)):abs():max():item()
            encoder:save("\(folder.path)/lua_branches.safetensors")
            local other = kit.encoder.lua_branches { width = 4 }:eval()
            local before = (other(x) - encoder(x)):abs():max():item()
            other:load("\(folder.path)/lua_branches.safetensors")
            return same, before, (other(x) - encoder(x)):abs():max():item()
            """)
        let numbers = try values.map { try Double(option: $0) }
        #expect(numbers[0] == 0 && numbers[1] > 0 && numbers[2] == 0)
    }

    /// A copy must be the same network, and a function may make another one each time.
    @Test(arguments: [
        ("{ linear = kit.layer.linear { 4, 3 + made } }", "has 'linear.weight' of shape [5, 4] instead of [4, 4]"),
        ("{ ['linear' .. made] = kit.layer.linear { 4, 4 } }", "has no 'linear1.bias'"),
        ("made == 1 and {} or { kept = kit.parameter(kit.tensor.zeros { 4 }) }", "has another tensor, 'kept',"),
    ])
    func networksThatDifferCannotBeCopied(parts: String, words: String) throws {
        try run(
            """
            made = 0
            kit.define.layer {
              name = "lua_changing", help = "Another one each time.",
              parts = function() made = made + 1 return \(parts) end,
              forward = function(self, x) return x end,
            }
            changing = kit.layer.lua_changing {}
            """)
        let text = message("return changing:copy()")
        #expect(text.contains("copy: ") && text.hasSuffix("\(words) when it is made again"), "\(text)")
    }

    @Test func modulesShowTheirPartsAndNamesOfOthers() throws {
        try run(Self.encoder)
        try run("encoder = kit.encoder.lua_branches {}")
        #expect(message("return encoder.nrom").hasSuffix("has no 'nrom': did you mean 'norm'?"))
        #expect(message("return encoder.state_dict").hasSuffix("has no 'state_dict': write module:state()"))
    }

    @Test(arguments: [
        ("parts = function() return { 1 } end", "parts must return a table of parts by name, but returned a list of 1"),
        (
            "parts = function() return { x = 1 } end",
            "modules, tensors and lists of them, but returned integer 1 for 'x'"
        ),
        (
            "parts = function() return { train = kit.layer.identity {} } end",
            "one called 'train', which is a method of modules"
        ),
        ("forward = function(self, x) return 1 end", "forward (recipe.lua:"),
        (
            "forward = function(self, x) return x end",
            "must return [batch 2, width 4], but returned a tensor of shape [2, 8, 4, 2]"
        ),
        ("width = 0", "'width' must be 1 to 16777216, but is 0"),
        (
            "input = 'audoi'",
            "option 'input' must be one of video, log_mel, or table or function, but is string \"audoi\""
        ),
        ("input = { 'log_mel', chanels = 2 }", "option 'input'"),
        ("input = function() return 'sound' end", "'input' must be one of video, log_mel"),
    ]) func mistakesAreExplained(_ change: String, _ expected: String) throws {
        let key = change.prefix { $0 != " " }
        let fields = [
            ("name", "name = 'lua_wrong'"), ("help", "help = 'An encoder that is wrong.'"),
            ("input", "input = 'log_mel'"),
            ("width", "width = 4"), ("parts", "parts = function() return {} end"),
            ("forward", "forward = function(self, x) return x:mean({ 2, 3 }) end"),
        ]
        let definition = fields.map { $0.0 == key ? change : $0.1 }.joined(separator: ", ")
        let message = message(
            """
            kit.define.encoder { \(definition) }
            kit.encoder.lua_wrong {}(kit.tensor.ones { 2, 8, 4, 2 })
            """)
        #expect(message.contains(expected), "\(message)")
    }

    @Test func aLossKeepsPartsOfItsOwnAndMayStopGradients() throws {
        try run(
            """
            kit.define.loss {
              name = "lua_learned", help = "Mean squared distance, scaled by a learned factor, to a fixed target.",
              no_gradient = { "b" },
              parts = function() return { factor = kit.parameter(2), calls = kit.tensor.zeros { 1 } } end,
              forward = function(a, b, options, state)
                return ((a - b:detach()) ^ 2):mean() * state.factor
              end,
            }
            report = kit.check(kit.loss.lua_learned)
            loss = kit.loss.lua_learned {}
            a = kit.tensor.ones { 2, 3 }:requires_grad()
            loss(a, kit.tensor.zeros { 2, 3 }):backward()
            assert(loss.state.factor.grad:item() == 1 and a.grad:sum():item() == 4)
            assert(loss.state:state().calls and loss.state:parameters().factor)
            """)
        let wrong = message(
            """
            kit.check(kit.define.loss { name = "lua_unstopped", help = "Mean product of rows.", no_gradient = { "b" },
              forward = function(a, b) return (a * b):mean() end })
            """)
        #expect(wrong.contains("input 'b' gets a gradient, but the loss declares that it gets none"), "\(wrong)")
    }

    @Test func weightsWithoutAGradientAreDeclared() throws {
        func check(_ declared: String) throws {
            try LuaState().run(
                chunk: """
                    kit.define.encoder {
                      name = "lua_target", help = "The mean through a layer, and one that is not trained: log-mel to [batch, 4].",
                      input = "log_mel", width = 4, \(declared)
                      parts = function() return { net = kit.layer.linear { 2, 4 }, target = kit.layer.linear { 2, 4 } } end,
                      forward = function(self, x)
                        local mean = x:mean { 2, 3 }
                        return self.net(mean) + self.target(mean):detach()
                      end,
                    }
                    kit.check(kit.encoder.lua_target)
                    """)
        }
        let undeclared = #expect(throws: KitError.self) { try check("") }
        #expect(undeclared?.message.contains("target.weight gets no gradient") == true, "\(undeclared as Any)")
        try check("no_gradient = { 'target' },")
    }

    @Test func aRunWithLuaEncodersIsEmbeddedWithoutItsRecipe() throws {
        try Fixtures.withTemporaryFolder { folder in
            let recipe = """
                local kit = require "kit"
                local config = kit.recipe { width = { 4, "Width of a branch." } }
                \(Self.encoder.replacing("local layer = kit.layer", with: "local layer = require('layers')(kit)"))
                local films = kit.dataset.films { path = "samples/movies", tracks = { primary = "en" } }
                local encoder = kit.encoder.lua_branches { width = config.width }
                local temperature = kit.parameter(0.2)
                local loss = kit.loss.nt_xent {}
                kit.train {
                  data = films:batches(kit.sampler.uniform { batch = 4 }),
                  modules = { audio = encoder, temperature = temperature },
                  optimizer = kit.optimizer.adamw {}, steps = 2,
                  step = function(batch)
                    local rows = encoder(batch.audio.primary) * temperature
                    return loss(rows, rows + kit.tensor.normal(rows:shape()) * 0.1)
                  end,
                }
                """
            let path = "\(folder.path)/branches.lua"
            try SoundFiles.write(path, text: recipe)
            try SoundFiles.write("\(folder.path)/layers.lua", text: "return function(kit) return kit.layer end")
            let trained = try Command.run(
                ["run", path, "--runs", "\(folder.path)/runs", "--progress", "none", "width=6"])
            #expect(trained.status == 0, "\(trained.errors)")
            #expect(trained.errors.contains("parameter [], 1 parameter\n"), "\(trained.errors)")
            let outcome = try Command.run([
                "embed", "samples/movies/film-001.mp4", "--run", "\(folder.path)/runs/branches", "--progress", "none",
                "--languages", "en", "--out", "\(folder.path)/features",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let features = try FeatureFolder.read("\(folder.path)/features")
            #expect(features.map(\.view) == ["audio"] && features[0].values.shape == [1, 12])
        }
    }

    @Test func resNet18InLuaHasTheNativeOnesValues() throws {
        let folder = try Folder()
        let values = try run(
            """
            package.path = "\(Fixtures.repository.path)/scripts/examples/?.lua"
            local own = require("resnet18") {}
            local native = kit.encoder.resnet18 { input = "frames" }
            local path = "\(folder.path)/resnet18.safetensors"
            native:save(path)
            own:load(path)
            local x = kit.tensor.normal { 2, 1, 40, 48, 3, seed = 1 }
            local differences = {}
            for _, mode in ipairs { true, false } do
              local a, b = native:train(mode)(x), own:train(mode)(x)
              table.insert(differences, (a - b):abs():max():item())
            end
            native:train()(x):sum():backward()
            own:train()(x):sum():backward()
            for _, name in ipairs { "conv1.weight", "layer2.0.downsample.0.weight", "layer4.1.bn2.bias" } do
              local a, b = native:parameters()[name].grad, own:parameters()[name].grad
              table.insert(differences, (a - b):abs():max():item())
            end
            table.insert(differences, (native:state()["bn1.running_var"] - own:state()["bn1.running_var"]):abs():max():item())
            return table.unpack(differences)
            """)
        #expect(values.count == 6)
        for value in values { #expect(try Double(option: value) == 0) }
    }
}

/// A folder that is removed with this object.
private final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)").path
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
