import Kit
import LuaBridge
import Plugins
import Testing

@Suite struct SummaryScriptTests {
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    @Test func shapesAndTensorsWillDo() throws {
        let values = try run(
            """
            local head = kit.head.mlp { 8, 4, 2 }
            local one = kit.summary(head, { 3, 8 })
            local other = kit.summary { module = head, input = kit.tensor.ones { 3, 8 } }
            return one.macs, other.macs, one.parameters, one.output, tostring(one), one:text(0)
            """)
        #expect(try values.prefix(2).map { try Int(option: $0) } == [3 * (8 * 4 + 4 * 2), 3 * (8 * 4 + 4 * 2)])
        #expect(try Int(option: values[2]) == 8 * 4 + 2 * 4 + 4 * 2 + 2)
        #expect(try [Int](option: values[3]) == [3, 2])
        let (whole, top) = (try String(option: values[4]), try String(option: values[5]))
        #expect(whole.contains("layers.0") == false && whole.contains("Linear(8 -> 4)"))
        #expect(top.hasPrefix("50 parameters, 0.0 MMAC for [3, 8] -> [3, 2]") && !top.contains("Linear(8 -> 4)"))
    }

    @Test func wrongInputIsNamed() throws {
        for (call, words) in [
            ("kit.summary(3, { 1 })", "option 'module' must be a module, but is integer 3"),
            ("kit.summary(kit.head.mlp { 8, 2 }, 'x')", "option 'input' must be a tensor or list of extents"),
            ("kit.summary(kit.head.mlp { 8, 2 }, { 3, 9 })", "expected features [batch, features 8], given [3, 9]"),
            ("kit.summary(kit.head.mlp { 8, 2 }, { -1, 8 })", "negative extent"),
        ] {
            let error = #expect(throws: KitError.self) { try run(call) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
