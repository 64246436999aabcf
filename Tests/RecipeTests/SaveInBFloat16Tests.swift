import Kit
import LuaBridge
import Plugins
import Testing

@Suite struct SaveInBFloat16Tests {
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    @Test func resultsKeepTheirBitsAndGradientsAreNear() throws {
        let values = try run(
            """
            local encoder = kit.encoder.small_audio { features = 8 }
            local x = kit.tensor.normal { 2, 64, 32, 2, seed = 3 }
            local function gradient(forward)
              encoder:zero_grad()
              local y = forward()
              y:sum():backward()
              local gradients = {}
              for name, parameter in pairs(encoder:parameters()) do gradients[name] = parameter.grad end
              return y, gradients
            end
            local wide, exact = gradient(function() return encoder(x) end)
            local narrow, rounded = gradient(function()
              return kit.save_in_bfloat16 { function() return encoder(x) end }
            end)
            local difference, norm = 0, 0
            for name, gradient in pairs(exact) do
              difference = difference + ((gradient - rounded[name]) ^ 2):sum():item()
              norm = norm + (gradient ^ 2):sum():item()
            end
            return (wide - narrow):abs():sum():item(), (difference / norm) ^ 0.5
            """)
        #expect(try Double(option: values[0]) == 0)
        let error = try Double(option: values[1])
        #expect(error > 0 && error < 0.05, "\(error)")
    }

    @Test func wrongUseIsNamed() throws {
        let none = #expect(throws: KitError.self) { try run("kit.save_in_bfloat16 { print, print }") }
        #expect(none?.message == "recipe.lua:1: kit.save_in_bfloat16: takes one function, but was given 2")
    }
}
