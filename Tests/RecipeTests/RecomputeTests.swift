import Kit
import LuaBridge
import Plugins
import Testing

@Suite struct RecomputeTests {
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    @Test func givesTheGradientsOfThePlainCall() throws {
        let values = try run(
            """
            local layer = kit.head.mlp { 6, 4 }
            local x = kit.tensor.normal { 10, 6 }
            local function gradients()
              local all = {}
              for name, weight in pairs(layer:parameters()) do all[name] = weight.grad end
              return all
            end
            layer(x):sum():backward()
            local plain = gradients()
            local y, z = kit.recompute { function(x) return layer(x), x * 2 end, x, chunk = 3 }
            assert(#y == 10 and #z == 10)
            y:sum():backward()
            -- Gradients of two passes add up.
            local both, apart = gradients(), 0
            for name, gradient in pairs(plain) do apart = apart + (both[name] - gradient * 2):abs():sum():item() end
            -- A module is a function of one tensor.
            assert((kit.recompute { layer, x, chunk = 4 } - layer(x)):abs():sum():item() < 1e-4)
            return apart, next(plain) ~= nil
            """)
        #expect(try Double(option: values[0]) < 1e-4)
        #expect(try Bool(option: values[1]))
    }

    @Test func wrongUseIsNamed() throws {
        func message(_ call: String) -> String? {
            #expect(throws: KitError.self) { try run("local x = kit.tensor.ones { 4, 2 }\n" + call) }?.message
        }
        #expect(
            message("kit.recompute { x, x }")
                == "recipe.lua:2: kit.recompute: takes a function or a module first, but was given a tensor")
        #expect(message("kit.recompute { print, 3 }")?.contains("2 must be a tensor, but is integer 3") == true)
        #expect(
            message("kit.recompute { function() return 3 end, x }")?.contains(
                "result 1 of the function must be a tensor, but is integer 3") == true)
        #expect(message("kit.recompute { function(x) return x:sum() end, x }")?.contains("keep the first axis") == true)
        #expect(
            message("kit.recompute { kit.head.mlp { 2, 2 }, x, x }")?.contains("one tensor, but was given 2") == true)
        #expect(message("kit.recompute { print, x, chunk = 0 }")?.contains("chunk") == true)
    }

    @Test func errorsInsideSayWhere() throws {
        let error = #expect(throws: KitError.self) {
            try run(
                """
                local layer = kit.head.mlp { 2, 2 }
                kit.recompute {
                  function(x) return layer(x:sum(1)) end,
                  kit.tensor.ones { 4, 2 } }
                """)
        }
        #expect(error?.message.contains("recipe.lua:3:") == true, "\(error?.message ?? "")")
    }
}
