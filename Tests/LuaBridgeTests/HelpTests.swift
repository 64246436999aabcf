import Foundation
import Kit
import LuaBridge
import TestSupport
import Testing

@Suite struct HelpTests {
    private let help = Help()

    private func text(_ expression: String) throws -> String {
        let value = try LuaState().run(chunk: "return \(expression)").first ?? .null
        return try help.text(of: value)
    }

    @Test func aPluginShowsEveryOptionWithTypeDefaultRangeUnitAndProvenance() throws {
        let text = try text("kit.fixture.every_option")
        #expect(text.contains("kit.fixture.every_option {"))
        #expect(text.contains("Takes one option of every type."))
        #expect(text.contains("Reference: These tests."))
        #expect(text.contains("integer; 1 to 10; in px; default 1 (paper-stated)"))
        #expect(text.contains("one of small, large; default \"small\" (authors' code)"))
        #expect(try text == self.text("'every_option'"))
        #expect(try text == self.text("'kit.fixture.every_option'"))
    }

    @Test func freeKeysAreShownAsSuch() throws {
        let text = try text("kit.recipe")
        #expect(text.hasPrefix("kit.recipe { key = value, ... }\n"), "\(text)")
        #expect(text.contains("any key  value\n") && !text.contains("keys = "), "\(text)")
    }

    @Test func kindsObjectsAndTheKitItselfHaveHelp() throws {
        #expect(try text("kit.fixture").contains("pebble        A number that Lua can hold."))
        #expect(try text("kit").contains("kit.fixture\n"))
        #expect(try text("nil") == text("kit"))
        #expect(try text("kit.fixture.zeros { count = 3 }").hasPrefix("tensor: "))
        let pebble = try text("kit.fixture.pebble()")
        #expect(pebble.contains("default 0.0 (ours)") && pebble.contains(":plus(amount)"))
        #expect(throws: KitError.self) { try text("5") }
        #expect(throws: KitError.self) { try text("'pebbel'") }
    }

    private func asked(_ subject: String, after chunk: String = "") throws -> String {
        let lua = try LuaState()
        _ = try lua.evaluate(chunk)
        return try lua.help.text(asked: subject)
    }

    @Test func methodsHaveHelpByNameAndByValue() throws {
        let byName = try asked("tensor:mean")
        #expect(byName.hasPrefix("tensor:mean(") && byName.contains("axis"), "\(byName)")
        #expect(try asked("x.mean", after: "x = kit.fixture.zeros { count = 3 }") == byName)
        #expect(try asked("x:mean", after: "x = kit.fixture.zeros { count = 3 }") == byName)
        #expect(try asked("mean").contains("tensor:mean("))
        // A shelf of the kit comes before the type of the same name.
        #expect(try asked("tensor").contains("Joins tensors along an axis"))
        #expect(try asked("kit.fixture.pebble") == asked("pebble"))
        #expect(throws: KitError.usage("help: tensor has no 'maen': did you mean 'mean'?")) { try asked("tensor:maen") }
        let message = "help: random has no 'quux' (there are: derived, uniform, normal, integer, permutation)"
        #expect(throws: KitError.usage(message)) {
            try asked("random:quux")
        }
    }

    /// The reference, or why there is none, as in `dubkit help swift`.
    @Test(arguments: ["Linear", "Tensor.matmul", "Nothing"]) func swiftIsTheReferenceOfSwift(name: String) throws {
        func outcome(_ text: () throws -> String) -> String {
            do { return try text() } catch { return error.asKitError.message }
        }
        let words = name.replacing(".", with: " ")
        #expect(outcome { try asked("swift \(words)") } == outcome { try SwiftReference().text(named: name) })
    }

    @Test func optionsAndUnknownMembersAreExplained() throws {
        let option = try asked("kit.fixture.every_option.count")
        #expect(try asked("every_option.count") == option)
        #expect(option.hasPrefix("kit.fixture.every_option { count }\n\n  integer; 1 to 10; in px; "), "\(option)")
        #expect(
            throws: KitError.usage(
                "help: kit.fixture.pebble has no option 'vlaue': did you mean 'value'? (it takes: value, bytes)")
        ) { try asked("fixture.pebble.vlaue") }
        let unknown = #expect(throws: KitError.self) { try asked("p:pluss", after: "p = kit.fixture.pebble()") }
        #expect(unknown?.message.hasPrefix("help: pebble 0.0 has no 'pluss': did you mean 'plus'? (it has: ") == true)
        #expect(try asked("p.amount", after: "p = kit.fixture.pebble()") == "p.amount: number 0.0")
        // The name of an option alone is enough.
        #expect(try asked("anything").hasPrefix("kit.fixture.every_option { anything }\n\n  "))
    }

    @Test func functionsAreExplainedByTheirComments() throws {
        let chunk =
            "-- The area of a picture,\n-- in pixels.\nfunction area(width, height, ...) return width * height end"
        #expect(
            try asked("area", after: chunk)
                == "area(width, height, ...)    prompt 1:3\n  The area of a picture,\n  in pixels.")
        #expect(
            try asked("string.format") == "string.format: part of Lua's standard library; see the manual of Lua 5.4.")
        let inFile = try LuaState()
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("module.lua")
            try Data("local m = {}\n\n--- Twice as much.\nfunction m.twice(x) return 2 * x end\nreturn m".utf8).write(
                to: file)
            _ = try inFile.evaluate("m = dofile('\(file.path)')")
            #expect(try inFile.help.text(asked: "m.twice").hasSuffix("\(file.path):4\n  Twice as much."))
        }
    }

    @Test func aproposFindsPluginsOptionsAndMethods() throws {
        let found = try Apropos.text(for: "Pebble")
        #expect(found.contains("kit.fixture.pebble") && found.contains("A number that Lua can hold."), "\(found)")
        #expect(try Apropos.text(for: "softmax").contains("tensor:log_softmax"))
        #expect(throws: KitError.self) { try Apropos.text(for: "no such thing") }
    }
}
