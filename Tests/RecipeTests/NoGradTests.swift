import Kit
import LuaBridge
import Plugins
import Testing

@Suite struct NoGradTests {
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    @Test func nothingIsRecordedInside() throws {
        let values = try run(
            """
            local encoder = kit.head.mlp { 4, 3 }
            local x = kit.tensor.ones { 2, 4 }
            local inside = kit.no_grad { function() return encoder(x):sum() end }
            local ok, message = pcall(inside.backward, inside)
            encoder(x):sum():backward()
            return ok, tostring(message)
            """)
        let (ok, message) = (try Bool(option: values[0]), try String(option: values[1]))
        #expect(!ok && message.contains("requires a gradient"), "\(message)")
    }

    @Test func allResultsAreReturned() throws {
        let values = try run(
            """
            local x = kit.tensor.ones { 3 }
            local function count(...) return select("#", ...) end
            assert(count(kit.no_grad { function() end }) == 0)
            assert(count(kit.no_grad { function() return nil end }) == 1)
            assert(count(kit.no_grad { function() return nil, 2, nil end }) == 3)
            return kit.no_grad { function() return 1, "two", { 3, four = 4 }, x, nil, true end }
            """)
        #expect(values.count == 6)
        #expect(values[0].optionText == "1" && values[1].optionText == "\"two\"" && values[5].optionText == "true")
        #expect(values[2].optionText == "{ 3, four = 4 }")
        #expect(try ObjectOption<Tensor>(option: values[3]).object.values == [1, 1, 1])
    }

    @Test func recordingGoesOnAfterAnError() throws {
        let values = try run(
            """
            local ok = pcall(function() kit.no_grad { function() error "on purpose" end } end)
            local encoder = kit.head.mlp { 4, 3 }
            encoder(kit.tensor.ones { 2, 4 }):sum():backward()
            return ok
            """)
        #expect(try !Bool(option: values[0]))
        #expect(Autograd.isRecording)
        let two = #expect(throws: KitError.self) { try run("kit.no_grad { print, print }") }
        #expect(two?.message == "recipe.lua:1: kit.no_grad: takes one function, but was given 2")
    }
}
