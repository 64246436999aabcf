import Kit
import LuaBridge
import Plugins
import Testing

@Suite struct RandomNumbersTests {
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    private func numbers(_ chunk: String) throws -> [Double] { try run(chunk).map { try Double(option: $0) } }

    @Test func theSameSeedAndNamesGiveTheSameNumbers() throws {
        let draw = """
            local random = kit.random { seed = 3 }
            local scene = random:derived("scene", 4)
            local before = scene:uniform()
            random:uniform()
            assert(random:derived("scene", 4):uniform() == before, "deriving does not depend on what was drawn")
            assert(random:derived("scene", 5):uniform() ~= before)
            assert(random:derived("scenes", 4):uniform() ~= before)
            return before, scene:uniform(), scene:normal(), scene:integer(1, 1000000)
            """
        let (first, second) = (try run(draw), try run(draw))
        #expect(first.map(\.optionText) == second.map(\.optionText))
        #expect(Set(first.map(\.optionText)).count == 4)
    }

    /// Without a seed of their own, tensors follow the recipe's; two tensors are never the same.
    @Test func randomnessWithoutASeedFollowsTheRecipes() throws {
        func draws(seed: Int) throws -> [String] {
            let configuration = Session.current.configuration
            defer { Session.current.configuration = configuration }
            Session.current.configuration = ResolvedConfiguration()
            return try run(
                """
                kit.recipe { seed = \(seed) }
                local order = tostring(kit.sampler.uniform { batch = 3 })
                return kit.tensor.normal { 1 }:item(), kit.tensor.normal { 1 }:item(), kit.tensor.uniform { 1 }:item(),
                  kit.random {}:uniform(), order, kit.tensor.normal { 1, seed = 5 }:item()
                """
            ).map(\.optionText)
        }
        let (first, again, other) = (try draws(seed: 8), try draws(seed: 8), try draws(seed: 9))
        #expect(first == again)
        #expect(first[0] != first[1])
        for index in 0..<5 { #expect(first[index] != other[index], "\(index)") }
        #expect(first[5] == other[5])
    }

    @Test func numbersKeepTheirBounds() throws {
        let values = try numbers(
            """
            local random = kit.random {}
            local seen, least, most = {}, math.huge, -math.huge
            for _ = 1, 2000 do
              local number = random:uniform(-3, 5)
              least, most = math.min(least, number), math.max(most, number)
              seen[random:integer(-1, 2)] = true
            end
            assert(seen[-1] and seen[0] and seen[1] and seen[2] and not seen[3] and not seen[-2])
            local order = random:permutation(50)
            table.sort(order)
            for n = 1, 50 do assert(order[n] == n) end
            return least, most
            """)
        #expect((-3 ... -2.9).contains(values[0]) && (4.9..<5).contains(values[1]))
    }

    @Test func tensorsOfRandomNumbers() throws {
        let values = try numbers(
            """
            local random = kit.random { seed = 1 }
            local normal = random:normal { 100, 100 }
            local again = random:normal { 100, 100 }
            return normal:mean():item(), normal:variance():item(), (normal * again):mean():item(),
              random:uniform(2, 3, { 50, 4 }):min():item(), #random:uniform(2, 3, { 50, 4 })
            """)
        #expect(abs(values[0]) < 0.04 && abs(values[1] - 1) < 0.05)
        #expect(abs(values[2]) < 0.04 && (2..<2.2).contains(values[3]) && values[4] == 50)
    }

    @Test func linspaceBeginsAndEndsWhereItIsTold() throws {
        let many = try run("return kit.tensor.linspace { start = -1, stop = 2, count = 7 }:values()")
        let one = try run("return kit.tensor.linspace { start = 4, count = 1 }:values()")
        #expect(try [Double](option: many[0]) == [-1, -0.5, 0, 0.5, 1, 1.5, 2])
        #expect(try [Double](option: one[0]) == [4])
    }

    @Test func boundsInTheWrongOrderAreRefused() {
        for call in ["integer(3, 2)", "uniform(3, 2)", "permutation(-1)", "normal { -1 }"] {
            #expect(throws: KitError.self, "\(call)") { try run("kit.random {}:\(call)") }
        }
    }
}
