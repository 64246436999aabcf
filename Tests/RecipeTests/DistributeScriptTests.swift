import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// `kit.distribute` in a recipe of one process; MPITests has it with several.
@Suite struct DistributeScriptTests {
    private static func run(_ chunk: String) throws -> [OptionValue] {
        try Session().run { try LuaState().run(chunk: chunk) }
    }

    @Test func resultsComeInOrder() throws {
        let text = """
            local results = kit.distribute({ 4, "x", { deep = { 1, 2 } }, kit.tensor.ones { 3 } }, function(item, place)
              if place == 3 then return { item.deep[2], named = nil } end
              if place == 4 then return { sum = item:sum():item() } end
              return { item, place }
            end)
            assert(#results == 4 and results[1][1] == 4 and results[1][2] == 1 and results[2][1] == "x")
            assert(results[3][1] == 2 and results[4].sum == 3)
            return #kit.distribute({}, print)
            """
        #expect(try Self.run(text).map(\.optionText) == ["0"])
    }

    /// A piece of work has the same weights and random numbers whatever was made before it.
    @Test func randomNumbersDependOnThePlace() throws {
        let text = """
            kit.recipe { seed = 3 }
            local function numbers()
              return kit.head.mlp { 2, 2 }(kit.tensor.ones { 1, 2 }):values()[1][1] + kit.tensor.normal { 1 }:item()
            end
            local function all(before)
              return kit.distribute({ 1, 2 }, function(_, place)
                if place == 1 then for _ = 1, before do numbers() end end
                return place == 1 and before > 0 and 0 or numbers()
              end)
            end
            local one, other = all(0), all(5)
            assert(one[2] == other[2] and one[1] ~= one[2])
            """
        _ = try Self.run(text)
    }

    @Test(arguments: [
        ("kit.distribute({ 1 }, function() return print end)", "kit.distribute: 'result 1' is a function"),
        (
            "kit.distribute({ 1, 2 }, function(_, n) return { a = n == 2 and 0 / 0 or 1 } end)",
            "result 2 contains a number that"
        ),
        ("kit.distribute({ 1 }, function() error 'on purpose' end)", "on purpose"),
        ("kit.distribute({ 1 })", "kit.distribute: option 'work' (function) is required"),
        ("kit.distribute(3, print)", "option 'items'"),
    ])
    func whatIsWrongIsSaid(chunk: String, message: String) throws {
        let error = #expect(throws: KitError.self) { try Self.run(chunk) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
