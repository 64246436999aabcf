import Kit
import LuaBridge
import Testing

@Suite(.serialized) struct RecipeFunctionTests {
    private func run(
        _ chunk: String, overrides: [(key: String, text: String)] = [], environment: [String: String] = [:]
    ) throws -> [String] {
        Session.current.configuration = ResolvedConfiguration(overrides: overrides, environment: { environment[$0] })
        return try LuaState().run(chunk: chunk, name: "@recipe.lua").map(\.optionText)
    }

    private func message(_ chunk: String, overrides: [(key: String, text: String)] = []) -> String {
        let error = #expect(throws: KitError.self) { try run(chunk, overrides: overrides) }
        return error?.message ?? ""
    }

    @Test func valuesAreOverriddenByPrecedence() throws {
        let shown = try run(
            "local cfg = kit.recipe { data = 'films', batch = 24, rate = 0.5 } return cfg.data, cfg.batch, cfg.rate, cfg.seed",
            overrides: [("batch", "8")], environment: ["DUBKIT_RATE": "0.25", "DUBKIT_BATCH": "99"])
        #expect(shown == ["\"films\"", "8", "0.25", "0"])
    }

    @Test func keysCanBeDocumented() throws {
        let shown = try run(
            """
            local cfg = kit.recipe {
              batch = { 24, "clips in a batch", from = "paper" },
              data = { default = "films", help = "folder of films", from = "ours" },
              widths = { 24, 48 }, langs = { { "en", "es" }, help = "languages" },
              dubs = { { "es", "fr" }, "dubs" }, steps = { 5, "updates" }, plain = { "en", "es" },
              tracks = { primary = "en", secondary = "es" }, span = { { from = 0, to = 5 }, "seconds" },
              size = { "small", "of the encoder", choices = { "small", "paper" } },
            }
            return cfg.batch, cfg.data, cfg.widths, cfg.langs, cfg.dubs, cfg.steps, cfg.plain, cfg.tracks, cfg.span,
              cfg.size
            """)
        let strings = "{ \"en\", \"es\" }"
        #expect(
            shown == [
                "24", "\"films\"", "{ 24, 48 }", strings, "{ \"es\", \"fr\" }", "5", strings,
                "{ primary = \"en\", secondary = \"es\" }", "{ from = 0, to = 5 }", "\"small\"",
            ])
        let configuration = Session.current.configuration
        #expect(configuration["batch"]?.provenance == .paper)
        #expect(configuration["batch"]?.declaration.help == "clips in a batch")
        #expect(configuration["batch"]?.origin == .recipe)
        #expect(configuration["data"]?.origin == .default)
        #expect(
            configuration["dubs"]?.declaration.help == "dubs" && configuration["steps"]?.declaration.help == "updates")
        #expect(configuration["plain"]?.declaration.help == nil)
    }

    @Test func mistakesAreNamed() {
        #expect(
            message("local cfg = kit.recipe { batch = 24 }\nreturn cfg.batsh")
                == "recipe.lua:2: recipe { batch = 24, seed = 0 } has no 'batsh': did you mean 'batch'? (it has: batch, seed)"
        )
        #expect(
            message("kit.recipe { batch = 24 }", overrides: [("bach", "1")])
                == "recipe.lua:1: kit.recipe: bach=1: the recipe has no key 'bach': did you mean 'batch'? (it has: batch, seed)"
        )
        #expect(
            message("kit.recipe {}\nkit.recipe {}")
                == "recipe.lua:2: kit.recipe: was already called: a recipe declares its keys once")
        #expect(message("kit.recipe { batch = { 24, from = 'papr' } }").contains("did you mean 'paper'?"))
        #expect(
            message("kit.recipe { batch = { help = 'no value' } }").contains(
                "write { value, \"help\", from = \"paper\" }"))
        #expect(
            message("kit.recipe { a = { 1, 'x', frm = 'ours' } }")
                == "recipe.lua:1: kit.recipe: key 'a': unknown 'frm': did you mean 'from'? "
                + "(it takes: list, default, help, type, range, choices, unit, from, was)")
        #expect(message("kit.recipe { a = { 1, 2, from = 'ours' } }").contains("key 'a': its help must be a string"))
        #expect(
            message("kit.recipe { f = { { print }, 'x' } }").contains(
                "key 'f': a function is not a value: --set cannot change it and a run folder cannot record it"))
        #expect(
            message(
                "kit.recipe { scale = { 'small', choices = { 'paper', 'small' } } }", overrides: [("scale", "papr")]
            ).hasSuffix(
                "scale=papr: must be one of paper, small, but is string \"papr\": did you mean 'paper'?"))
        #expect(
            message("kit.recipe { v = { { 'a', 'x' }, choices = { 'a', 'b' } } }").contains(
                "key 'v': its value[2] must be one of a, b, but is string \"x\""))
        #expect(
            message("kit.recipe { a = { type = 'number', help = 'x' } }").contains("key 'a': a key has a value, unless")
        )
        #expect(
            message("kit.recipe { a = { 2, type = 'string' } }").contains(
                "key 'a': its value must be a string, but is integer 2"))
        #expect(message("kit.recipe { seed = 'x' }").contains("key 'seed' must be an integer"))
        #expect(message("local cfg = kit.recipe { a = 1 } cfg.a = 2").contains("its fields cannot be set from Lua"))
    }

    /// The same types as those of options: stated, or told by the value.
    @Test func keysHaveTypesAndRanges() throws {
        let keys =
            "weight = { 1, type = 'number' }, share = { 0.5, range = { 0, 1 } }, run = { type = 'string or nil', help = 'a run' }"
        let chunk =
            "local cfg = kit.recipe { \(keys), count = 1, all = {} } return cfg.weight, cfg.share, cfg.run, cfg.all"
        #expect(try run(chunk) == ["1.0", "0.5", "nil", "{  }"])
        #expect(
            try run(chunk, overrides: [("weight", "0.5"), ("share", "1"), ("run", "a"), ("all", "x,2")])
                == ["0.5", "1.0", "\"a\"", "{ \"x\", \"2\" }"])
        #expect(
            message(chunk, overrides: [("count", "0.5")]).hasSuffix(
                "count=0.5: must be an integer, but is number 0.5 "
                    + "(if any number will do, write 1.0 or type = \"number\" in the recipe)"))
        #expect(message(chunk, overrides: [("share", "2")]).contains("share=2: must be 0.0 to 1.0, but is number 2.0"))
        #expect(try run("return kit.recipe { span = { range = 5, unit = 's' } }.span.unit") == ["\"s\""])
    }

    @Test func theSeedSetsWeightsAndLuasRandomNumbers() throws {
        let draw = "kit.recipe { seed = 7 } return math.random(1 << 40)"
        let first = try run(draw)
        #expect(try run(draw) == first)
        #expect(try run(draw, overrides: [("seed", "8")]) != first)
        #expect(try run("return math.random(1 << 40)") == run("return math.random(1 << 40)"))
    }
}
