import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Plugins written in Lua, next to native ones.
@Suite(.serialized) struct DefinedPluginTests {
    private let lua: LuaState
    init() throws { lua = try LuaState() }

    static let ntXent = """
        kit.define.loss {
          name = "lua_nt_xent",
          help = "Cross-entropy of two batches of views, [batch, features] each.",
          reference = "Chen et al. 2020 (SimCLR), equation 1",
          options = { temperature = { 0.1, "Divides the cosine similarities.", range = { 1e-3, 100 }, from = "inferred" } },
          forward = function(a, b, options)
            local count = 2 * #a
            local views = kit.tensor.concat { a, b }:normalize()
            local itself = kit.tensor.linspace { start = 1, stop = count, count = count }
            local hidden = itself:reshape { -1, 1 }:equal(itself) * 1e9
            local chances = (views:matmul(views:transpose()) / options.temperature - hidden):log_softmax()
            local partner = {}
            for i = 1, #a do partner[i], partner[#a + i] = #a + i, i end
            return -chances:pick(partner):mean()
          end,
        }
        """

    @discardableResult
    private func run(_ chunk: String) throws -> [OptionValue] { try lua.run(chunk: chunk, name: "@recipe.lua") }

    /// The values of an expression, as the prompt shows them.
    private func show(_ expression: String) throws -> String {
        guard case .values(let values) = try lua.evaluate(expression) else { return "(incomplete)" }
        return values.joined(separator: "; ")
    }

    private func message(_ chunk: String) -> String {
        let error = #expect(throws: KitError.self) { try run(chunk) }
        return error?.message ?? ""
    }

    @Test(arguments: [0.05, 0.1, 1]) func aLossInLuaEqualsTheNativeOne(temperature: Double) throws {
        try run(Self.ntXent)
        func valueAndGradients(_ name: String) throws -> [[Float]] {
            let options = Options(named: [("temperature", .number(temperature))])
            let loss = try #require(
                try PluginRegistry.shared.make(kind: "loss", name: name, options: options) as? any Loss)
            let (a, b) = (Pattern.tensor("defined/a", [9, 16]), Pattern.tensor("defined/b", [9, 16]))
            (a.requiresGrad, b.requiresGrad) = (true, true)
            let value = try loss(a, b)
            try value.backward()
            return [value.values, try #require(a.grad).values, try #require(b.grad).values]
        }
        let (lua, native) = (try valueAndGradients("lua_nt_xent"), try valueAndGradients("nt_xent"))
        for (one, other) in zip(lua, native) {
            let scale = other.map(\.magnitude).max() ?? 0
            #expect(scale > 0)
            for (x, y) in zip(one, other) { #expect((x - y).magnitude <= 2e-5 * scale, "\(x), \(y)") }
        }
    }

    @Test func itPassesTheChecksOfNativePlugins() throws {
        try run(Self.ntXent)
        let report = try show("kit.check(kit.loss.lua_nt_xent)").split(separator: "\n").map(String.init)
        #expect(report.first == "kit.loss.lua_nt_xent")
        for name in ["documentation", "options", "defaults", "gradients", "shapes"] {
            #expect(report.contains { $0.hasPrefix("\(name) ") && $0.contains("  ok  ") }, "\(report)")
        }
        #expect(try show("kit.check('loss.lua_nt_xent')") == show("kit.check(kit.loss.lua_nt_xent {})"))
        #expect(try show("kit.check(kit.loss.nt_xent)").hasPrefix("kit.loss.nt_xent\n"))
        // A gradient that does not reach one side, an option without help.
        let wrong = message(
            """
            kit.check(kit.define.loss { name = "lua_wrong", help = "Mean product of rows.", options = { scale = 1.0 },
              forward = function(a, b) return (a * b:detach()):mean() end })
            """)
        #expect(wrong.contains("gradients: "), "\(wrong)")
        #expect(
            wrong.contains(
                "documentation: the help of option 'scale' must be a sentence, six letters or more that end with a full stop, but is \"\""
            ), "\(wrong)")
    }

    @Test func itIsConstructedExplainedAndCompletedAsNativeOnesAre() throws {
        try run(Self.ntXent)
        #expect(
            try show("kit.loss.lua_nt_xent { temperature = 0.5 }") == "kit.loss.lua_nt_xent { temperature = 0.5 }")
        #expect(
            message("kit.loss.lua_nt_xent { temprature = 1 }")
                == "recipe.lua:1: kit.loss.lua_nt_xent: unknown option 'temprature': did you mean 'temperature'? "
                + "(it takes: temperature)")
        #expect(
            message("kit.loss.lua_nt_xent { temperature = 0 }").contains("must be 0.001 to 100.0, but is integer 0"))
        let help = try PluginHelp.text(named: "lua_nt_xent")
        #expect(help.hasPrefix("kit.loss.lua_nt_xent { temperature = 0.1 }\n"), "\(help)")
        #expect(help.contains("number; 0.001 to 100.0; default 0.1 (inferred)\n"), "\(help)")
        #expect(help.contains("Reference: Chen et al. 2020") && help.contains("Defined at recipe.lua:6"), "\(help)")
        #expect(try PluginHelp.text(forKind: "loss").contains("lua_nt_xent"))
        #expect(Completer(lua).complete("kit.loss.lua").candidates.map(\.text) == ["lua_nt_xent"])
        #expect(Completer(lua).complete("kit.loss.lua_nt_xent { tem").addition == "perature = ")
        #expect(try Apropos.text(for: "cosine simil").contains("kit.loss.lua_nt_xent { temperature }"))
        let loss = try PluginRegistry.shared.make(
            kind: "loss", name: "lua_nt_xent", options: Options(named: [("temperature", .number(0.25))]))
        let again = try PluginRecord(loss).make()
        #expect(again.settings == "kit.loss.lua_nt_xent { temperature = 0.25 }")
    }

    @Test func definitionsEndWithTheirSession() throws {
        let other = try LuaState()
        try other.run(chunk: Self.ntXent)
        #expect(PluginRegistry.shared.names(of: "loss").contains("lua_nt_xent"))
        _ = consume other
        #expect(!PluginRegistry.shared.names(of: "loss").contains("lua_nt_xent"))
    }

    @Test func namesAreTakenOnceUnlessAtThePrompt() throws {
        let define =
            "kit.define.loss { name = 'lua_mean', help = 'A mean.', forward = function(a) return a:mean() * %d end }"
        try run(define.replacing("%d", with: "2"))
        #expect(
            message(define.replacing("%d", with: "3"))
                == "recipe.lua:1: kit.define.loss: kit.loss.lua_mean is defined twice: at recipe.lua:1 and at recipe.lua:1"
        )
        #expect(
            message(define.replacing("%d", with: "2").replacing("lua_mean", with: "nt_xent")).contains(
                "kit.loss.nt_xent is a native plugin"))
        defer { Session.current.configuration = ResolvedConfiguration() }
        Session.current.configuration = ResolvedConfiguration(isInteractive: true)
        try run("one = kit.tensor.ones { 2, 2 }; old = kit.loss.lua_mean {}")
        try run(define.replacing("%d", with: "3"))
        #expect(try show("kit.loss.lua_mean {}(one, one):item()") == "3.0")
        #expect(try show("old(one, one):item()") == "2.0")
    }

    @Test(arguments: [
        ("name = 'x'", "kit.define.loss: option 'forward' (function) is required: Called as forward(a, b, options)"),
        ("name = 'x', foward = print", "unknown option 'foward': did you mean 'forward'?"),
        ("name = 'Bad-Name', forward = print", "option 'name' must be a word in snake case, but is \"Bad-Name\""),
        (
            "name = 'x', forward = print, options = { a = {} }",
            "option 'a': write { value, \"help\", from = \"paper\" }, or give a type instead of a value"
        ),
        (
            "name = 'x', forward = print, options = { a = { 1, 'Help.', rnage = { 0, 1 } } }",
            "option 'a': unknown 'rnage': did you mean 'range'?"
        ),
        (
            "name = 'x', forward = print, options = { a = { 2.0, 'Help.', range = { 0, 1 } } }",
            "option 'a': its value must be 0.0 to 1.0, but is number 2.0"
        ),
        (
            "name = 'x', forward = print, options = { a = { 'b', 'Help.', choices = { 'c' } } }",
            "option 'a': its value must be one of c, but is string \"b\""
        ),
        (
            "name = 'x', forward = print, options = { a = { type = 'nubmer', help = 'Help.' } }",
            "option 'a': there is no type \"nubmer\": did you mean 'number'?"
        ),
        (
            "name = 'x', forward = print, options = { a = { 1, 'Help.', from = 'papre' } }",
            "option 'a': 'from' must be one of paper, authors_code, inferred, ours"
        ),
        ("name = 'x', forward = print, options = { a = { 1, 2 } }", "option 'a': its help must be a string"),
    ])
    func wrongDefinitionsAreExplained(definition: String, words: String) {
        let message = message("kit.define.loss { \(definition) }")
        #expect(message.hasPrefix("recipe.lua:1: kit.define.loss: ") && message.contains(words), "\(message)")
    }

    @Test func optionsOfEveryType() throws {
        try run(
            """
            kit.define.loss { name = "lua_options", help = "Keeps its options.",
              options = {
                flag = { true, "A flag." }, count = { 3, "A count.", range = { 1, 8 }, unit = "px" }, rate = 0.5,
                mode = { "fast", "A mode.", choices = { "fast", "exact" } }, sizes = { { 1, 2 }, "Sizes." },
                limit = { type = "number or nil", help = "A limit." }, names = { type = "list of strings", help = "Names." },
              },
              forward = function(a, b, options) seen = options return a:mean() end }
            x = kit.tensor.ones { 2, 2 }
            kit.loss.lua_options { names = { "a" }, count = 4, mode = "exact" }(x, x)
            """)
        #expect(
            try show("seen")
                == "{ count = 4, flag = true, mode = \"exact\", names = { \"a\" }, rate = 0.5, sizes = { 1, 2 } }")
        for (options, words) in [
            ("", "option 'names' (list of strings) is required: Names."),
            ("names = {}, count = 9", "option 'count' must be 1 to 8, but is integer 9"),
            ("names = {}, count = 1.5", "option 'count' must be an integer, but is number 1.5"),
            ("names = {}, mode = 'slow'", "option 'mode' must be one of fast, exact, but is string \"slow\""),
            ("names = {}, limit = 'x'", "option 'limit' must be a number"),
        ] { #expect(message("kit.loss.lua_options { \(options) }").contains(words)) }
        let words = Completer(lua).complete("kit.loss.lua_options { mode = ").candidates.map(\.text)
        #expect(words == ["\"fast\"", "\"exact\""])
    }

    @Test func errorsNameTheLineInLua() throws {
        try run(
            """
            kit.define.loss { name = "lua_broken", help = "Breaks.", options = { how = "error" },
              forward = function(a, b, options)
                if options.how == "error" then return a.nothing end
                if options.how == "nil" then return nil end
                return a
              end }
            """)
        #expect(
            message("x = kit.tensor.ones { 2, 2 }\nkit.loss.lua_broken {}(x, x)").hasPrefix("recipe.lua:3: tensor ["))
        #expect(
            message("kit.loss.lua_broken { how = 'nil' }(x, x)")
                == "recipe.lua:1: kit.loss.lua_broken: forward (recipe.lua:2) must return a scalar tensor, but returned nil"
        )
        #expect(message("kit.loss.lua_broken { how = 'x' }(x, x)").contains("but returned one of shape [2, 2]"))
    }

    @Test func schedulesMetricsAndSamplersAreTheKitsOwn() throws {
        try run(
            """
            kit.define.schedule { name = "lua_line", help = "A straight line down.",
              options = { stop = { 0.0, "The factor at the end.", range = { 0, 1 } } },
              factor = function(step, total, options) return 1 - (1 - options.stop) * step / total end }
            kit.define.metric { name = "lua_top1", help = "The share of items whose class scores highest.",
              score = function(scores, labels)
                local right = 0
                for i, row in ipairs(scores:values()) do
                  local best = 1
                  for class, score in ipairs(row) do if score > row[best] then best = class end end
                  if best == labels[i] then right = right + 1 end
                end
                return right / #labels
              end }
            kit.define.sampler { name = "lua_pairs", help = "Neighbours in pairs, shuffled.",
              batches = function(films, epoch, options)
                local batches, random = {}, kit.random { seed = options.seed }:derived("pairs", epoch)
                for _, clips in ipairs(films) do
                  for i = 1, #clips - 1, 2 do batches[#batches + 1] = { clips[i], clips[i + 1] } end
                end
                local order = {}
                for i, place in ipairs(random:permutation(#batches)) do order[i] = batches[place] end
                return order
              end }
            kit.define.sampler { name = "lua_wild", help = "Names clips that do not exist.",
              batches = function(films, epoch, options) return { { 1, 99 } } end }
            """)
        for name in ["schedule.lua_line", "metric.lua_top1", "sampler.lua_pairs"] { try run("kit.check('\(name)')") }
        #expect(try show("kit.schedule.lua_line { stop = 0.5 }:factor(5, 10)") == "0.75")
        let scores = "kit.tensor.from { { 2, 1 }, { 0, 1 }, { 3, 1 } }"
        #expect(try show("kit.metric.lua_top1 {}(\(scores), { 1, 2, 1 })") == "1.0")
        let sampler = try #require(
            try PluginRegistry.shared.make(
                kind: "sampler", name: "lua_pairs", options: Options(named: [("batch", .int(2))])) as? any FilmSampler)
        let batches = try sampler.batches(of: [[0, 1, 2], [3, 4, 5, 6]], epoch: 0)
        #expect(Set(batches) == [[0, 1], [3, 4], [5, 6]])
        #expect(sampler.settings == "kit.sampler.lua_pairs { batch = 2, seed = 0 }")
        let wild = try #require(
            try PluginRegistry.shared.make(kind: "sampler", name: "lua_wild", options: Options()) as? any FilmSampler)
        let error = #expect(throws: KitError.self) { try wild.batches(of: [[0, 1]], epoch: 0) }
        #expect(error?.message.contains("must return numbers of clips, which are 1 to 2, but returned 99") == true)
    }

    /// An update that returns the new weight would train nothing.
    @Test func anOptimizerChangesTheWeightInPlace() throws {
        func updated(_ result: String) -> String {
            """
            kit.define.optimizer { name = "lua_step", help = "A step down the gradient.", state = { "seen" },
              update = function(weight, gradient, state, options)
                \(result)
              end }
            return kit.check(kit.optimizer.lua_step)
            """
        }
        #expect(
            message(updated("return weight - gradient * options.learning_rate")).contains(
                "kit.optimizer.lua_step: update (recipe.lua:2) must return nothing and change the weight in place, as in "
                    + "weight:assign(new), but returned a tensor"))
        let step = "weight:assign(weight - gradient * options.learning_rate)"
        try run(updated("return \(step)").replacing("lua_step", with: "lua_step_2"))
        try run(updated("\(step) return state.seen:assign(gradient)").replacing("lua_step", with: "lua_step_3"))
    }

    @Test func augmentationsChangeEachStage() throws {
        try run(
            """
            kit.define.augmentation { name = "lua_dim", help = "Darkens the pictures.",
              options = { least = { 0.5, "The least factor.", range = { 0, 1 } } },
              frames = function(x, random, options) return x * random:uniform(options.least, 1) end }
            kit.define.augmentation { name = "lua_polarity", help = "Turns the sound over.",
              waveform = function(x) return -x end }
            kit.define.augmentation { name = "lua_shift", help = "Shifts the spectrogram along time.",
              spectrogram = function(x, random)
                local cut = random:integer(1, #x - 1)
                return kit.tensor.concat { x:slice(1, cut + 1), x:slice(1, 1, cut), axis = 1 }
              end }
            kit.define.augmentation { name = "lua_short", help = "Forgets a picture.",
              frames = function(x) return x:slice(1, 2) end }
            """)
        for name in ["lua_dim", "lua_polarity", "lua_shift"] { try run("kit.check('augmentation.\(name)')") }
        #expect(message("kit.check('augmentation.lua_short')").contains("must return a tensor of shape [3, 16, 20, 3]"))
        #expect(
            message("kit.define.augmentation { name = 'x', help = 'Nothing.' }").contains(
                "give one function of frames, waveform, spectrogram, but 0 are given"))
    }

    /// Threads that read clips hand what is written in Lua to the recipe's own thread: any number of them gives the same.
    @Test func filmsAreAugmentedInLuaWithAnyNumberOfThreads() throws {
        let chunk = """
            kit.define.augmentation { name = "lua_noise", help = "Adds noise to the sound.",
              waveform = function(x, random) return x + random:normal(x:shape()) * 0.01 end }
            kit.define.augmentation { name = "lua_flat", help = "Takes the mean from the spectrogram.",
              spectrogram = function(x) return x - x:mean() end }
            local function sums(workers)
              local films = kit.dataset.films { path = "samples/movies", video = false, seconds = 1, workers = workers,
                tracks = { first = "en" }, augment = { kit.augmentation.lua_noise {}, kit.augmentation.gain {},
                  kit.augmentation.lua_flat {} } }
              local batches = films:batches(kit.sampler.uniform { batch = 8, seed = 3 })
              local sums = {}
              for i = 1, 3 do sums[i] = (batches:next().audio.first ^ 2):sum():item() end
              return table.concat(sums, " ")
            end
            return sums(0), sums(1), sums(3)
            """
        let values = try run(chunk).map(\.optionText)
        #expect(values.count == 3 && Set(values).count == 1, "\(values)")
        #expect(values[0].split(separator: " ").count == 3)
    }

    @Test func aRunWithLuaPluginsResumesAndNamesWhatChanged() throws {
        try Fixtures.withTemporaryFolder { folder in
            func run(stop: Double, _ more: String...) throws -> Command.Outcome {
                let recipe = """
                    local kit = require "kit"
                    local cfg = kit.recipe { seed = 3 }
                    \(Self.ntXent)
                    kit.define.schedule { name = "lua_line", help = "A straight line down.",
                      options = { stop = { 0.0, "The factor at the end." } },
                      factor = function(step, total, options) return 1 - (1 - options.stop) * step / total end }
                    local films = kit.dataset.films { path = "samples/movies", video = false, workers = 1,
                      tracks = { first = "en", second = "es" } }
                    local encoder, loss = kit.encoder.small_audio { features = 8 }, kit.loss.lua_nt_xent {}
                    return kit.train { name = "lua", data = films:batches(kit.sampler.uniform { batch = 4, seed = 1 }),
                      modules = { audio = encoder }, optimizer = kit.optimizer.sgd { learning_rate = 0.01 }, steps = 2,
                      schedule = kit.schedule.lua_line { stop = \(stop) }, checkpoint_every = 1,
                      step = function(batch) return loss(encoder(batch.audio.first), encoder(batch.audio.second)) end }
                    """
                let file = folder.appendingPathComponent("recipe.lua")
                try Data(recipe.utf8).write(to: file)
                return try Command.run(
                    ["run", file.path, "--runs", folder.appendingPathComponent("runs").path, "--progress", "none"]
                        + more)
            }
            #expect(try run(stop: 0.5).status == 0)
            let runs = folder.appendingPathComponent("runs/lua").path
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
            let facts = try String(contentsOfFile: "\(runs)/\(name)/config.resolved.json", encoding: .utf8)
            #expect(facts.contains("kit.schedule.lua_line"), "\(facts)")
            let checkpoints = try FileManager.default.contentsOfDirectory(atPath: "\(runs)/\(name)/checkpoints")
                .sorted()
            #expect(checkpoints.contains("step-2"), "\(checkpoints)")
            // As if the run had been killed after its first step.
            try FileManager.default.removeItem(atPath: "\(runs)/\(name)/checkpoints/step-2")
            let resumed = try run(stop: 0.25, "--resume", "\(runs)/\(name)")
            #expect(resumed.status == 0, "\(resumed.errors)")
            let words = "'stop' of kit.schedule.lua_line is 0.25, but was 0.5 in the run so far"
            #expect((resumed.output + resumed.errors).contains(words), "\(resumed.output)\(resumed.errors)")
        }
    }
}
