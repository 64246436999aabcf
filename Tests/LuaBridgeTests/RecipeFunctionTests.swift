import Kit
import LuaBridge
import Testing

@Suite(.serialized) struct RecipeFunctionTests {
    private func run(
        _ chunk: String, overrides: [(key: String, text: String)] = [], environment: [String: String] = [:]
    ) throws -> [String] {
        ResolvedConfiguration.current = ResolvedConfiguration(overrides: overrides, environment: { environment[$0] })
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
            }
            return cfg.batch, cfg.data, cfg.widths, cfg.langs
            """)
        #expect(shown == ["24", "\"films\"", "{ 24, 48 }", "{ \"en\", \"es\" }"])
        let configuration = ResolvedConfiguration.current
        #expect(configuration["batch"]?.provenance == .paper)
        #expect(configuration["batch"]?.declaration.help == "clips in a batch")
        #expect(configuration["batch"]?.origin == .recipe)
        #expect(configuration["data"]?.origin == .standard)
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
        #expect(message("kit.recipe { seed = 'x' }").contains("key 'seed' must be an integer"))
        #expect(message("local cfg = kit.recipe { a = 1 } cfg.a = 2").contains("its fields cannot be set from Lua"))
    }

    @Test func theSeedSetsWeightsAndLuasRandomNumbers() throws {
        let draw = "kit.recipe { seed = 7 } return math.random(1 << 40)"
        let first = try run(draw)
        #expect(try run(draw) == first)
        #expect(try run(draw, overrides: [("seed", "8")]) != first)
        #expect(try run("return math.random(1 << 40)") == run("return math.random(1 << 40)"))
    }
}
