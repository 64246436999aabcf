import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Losses as recipes use them.
@Suite struct LossScriptTests {
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    @Test func severalPositivesAndLabelsAreGivenInTheCall() throws {
        let values = try run(
            """
            local supcon = kit.loss.supcon { temperature = 0.2 }
            local function views(count)
                local list = {}
                for i = 1, count do list[i] = kit.tensor.normal { 4, 6, seed = i } end
                return table.unpack(list)
            end
            local three = supcon(views(3))
            local films = select(1, supcon(views(2))) - supcon(kit.tensor.normal { 4, 6, seed = 1 },
                kit.tensor.normal { 4, 6, seed = 2 }, { "one", "one", "two", "two" })
            local triplet = kit.loss.triplet {}(views(3))
            return three:item(), films:item(), triplet:item()
            """)
        let numbers = try values.map { try Double(option: $0) }
        let areFinite = numbers.allSatisfy { $0.isFinite }
        #expect(areFinite && numbers[0] > 0)
        #expect(numbers[1] != 0 && numbers[2] > 0)
    }

    @Test func aLossShowsItsState() throws {
        let values = try run(
            """
            local clip = kit.loss.clip { temperature = 0.5 }
            local scale = clip.state:parameters().logit_scale:item()
            local ok, message = pcall(function() return clip.stat end)
            return scale, clip.state:parameter_count(), tostring(message)
            """)
        #expect(abs(try Double(option: values[0]) - log(2)) < 1e-6)
        #expect(try Int(option: values[1]) == 1)
        #expect(try String(option: values[2]).contains("did you mean 'state'?"))
    }
}
