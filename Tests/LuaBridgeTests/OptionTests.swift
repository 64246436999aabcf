import Kit
import LuaBridge
import Testing

@Suite struct OptionTests {
    private let lua: LuaState
    init() throws { lua = try LuaState() }

    @Test(arguments: [
        "true", "false", "7", "-3", "0.5", "1e+300", "\"text\"", "\"\"", "\"nul \\x00 inside\"", "{}", "{ 1, 2, 3 }",
        "{ a = 1, b = { c = \"d\" } }", "{ 1, 2, name = \"mixed\" }", "{ { { true } }, { x = 0.25 } }",
        "9223372036854775807", "\"\u{1F3AC} film\"",
    ])
    func valuesComeBackAsTheyWent(text: String) throws {
        #expect(try lua.show("kit.fixture.every_option { anything = \(text) }.anything") == text)
        #expect(try lua.show("kit.fixture.pebble{}:echo(\(text))") == text)
    }

    @Test func everyTypeOfOptionIsConverted() throws {
        try lua.run(
            chunk: """
                pebble = kit.fixture.pebble { value = 4 }
                step = function(x) return x + 1 end
                all = kit.fixture.every_option {
                  flag = true, count = 3.0, rate = 2, label = "b", size = "large", limit = 1.5, names = { {}, { "x", "y" } },
                  weights = { b = 2, a = 1 }, peer = pebble, step = step, 24, 48,
                }
                """)
        #expect(
            try lua.show(
                "all.flag, all.count, all.rate, all.label, all.size, all.limit, all.widths, all.names, all.weights")
                    == #"""
                    "true"; "3"; "2.0"; "\"b\""; "\"large\""; "1.5"; "{ 24, 48 }"; "{ {  }, { \"x\", \"y\" } }"; "{ a = 1.0, b = 2.0 }"
                    """#)
        #expect(
            try lua.show("all.peer == pebble, rawequal(all.peer, pebble), all.step == step, all.step(1)")
                == "true; true; true; 2")
        #expect(
            try lua.show("kit.fixture.every_option { limit = nil }.limit, kit.fixture.every_option().count")
                == "\"nil\"; \"1\"")
    }

    @Test(arguments: [
        ("temprature = 1", "unknown option 'temprature' (it takes: flag, count,"),
        ("flagg = 1", "unknown option 'flagg': did you mean 'flag'? (it takes: flag, count,"),
        ("count = 'five'", "option 'count' must be an integer, but is string \"five\""),
        ("count = 1.5", "option 'count' must be an integer, but is number 1.5"),
        ("count = 11", "option 'count' must be 1 to 10, but is integer 11"),
        ("size = 'huge'", "option 'size' must be one of small, large, but is string \"huge\""),
        ("flag = 1", "option 'flag' must be true or false, but is integer 1"),
        ("peer = 5", "option 'peer' must be a pebble, but is integer 5"),
        ("peer = kit.fixture.every_option()", "option 'peer' must be a pebble, but is an every_option"),
        ("peer = print", "option 'peer' must be a pebble, but is a function"),
        (
            "peer = kit.fixture.pebble",
            "but is the constructor kit.fixture.pebble, which was not called: write kit.fixture.pebble {}"
        ),
        ("size = 'larg'", "but is string \"larg\": did you mean 'large'?"),
        ("names = { { 'a' }, { 5 } }", "option 'names'[2][1] must be a string, but is integer 5"),
        ("weights = { b = 'x' }", "option 'weights'.b must be a number, but is string \"x\""),
        ("1, 'x'", "option 'widths'[2] must be an integer, but is string \"x\""),
        ("weights = { 1, 2 }", "option 'weights' must be a table of named numbers, but is a list of 2"),
        (
            "anything = { a = { coroutine.create(print) } }",
            "'1.anything.a.1' is a coroutine, which the kit cannot take"
        ),
        ("anything = { [2] = 1 }", "is a list with holes (nil among its values), which the kit cannot take"),
        ("anything = { [0.5] = 1 }", "is a table with a key that is neither a string nor one of 1, 2, 3..."),
        ("anything = io.stdout", "is a userdata that is not the kit's"),
    ])
    func wrongOptionsAreNamed(option: String, message: String) throws {
        let error = lua.failure(of: "\n\nkit.fixture.every_option { \(option) }")
        #expect(error.kind == .usage)
        #expect(error.message.hasPrefix("recipe.lua:3: "), "\(error.message)")
        #expect(error.message.contains(message.replacing("'1.", with: "'")), "\(error.message)")
    }

    @Test func constructorsTakeOneTable() throws {
        #expect(
            lua.failure(of: "kit.fixture.pebble(3)").message
                == "recipe.lua:1: kit.fixture.pebble: takes one table of options, as in kit.fixture.pebble { value = ... }, "
                + "but was given integer 3")
        #expect(
            lua.failure(of: "kit.fixture.pebble({}, {})").message.hasSuffix(
                "{ value = ... }, but was given 2 arguments"))
        #expect(
            lua.failure(of: "kit.fixture.every_option(2, 3)").message.hasSuffix(
                "takes one table of options, as in kit.fixture.every_option { 2, 3 }, but was given 2 arguments"))
        #expect(
            lua.failure(of: "kit.fixture.every_option(print)").message.hasSuffix(
                "as in kit.fixture.every_option { f }, but was given a function"))
        #expect(
            lua.failure(of: "kit.fixture.pebble { 1, nil, 3 }").message
                == "recipe.lua:1: kit.fixture.pebble: a value is a list with holes (nil among its values), "
                + "which the kit cannot take")
        #expect(
            lua.failure(of: "kit.greet {}").message
                == "recipe.lua:1: kit.greet: option 'name' (string) is required: Who is greeted.")
        #expect(
            lua.failure(of: "kit.fixture.pebble { value = 13 }").message
                == "recipe.lua:1: kit.fixture.pebble: 13 brings bad luck")
    }

    @Test func unknownNamesAreAnswered() throws {
        #expect(
            lua.failure(of: "return kit.fixtur").message.hasPrefix(
                "recipe.lua:1: kit has no 'fixtur': did you mean 'fixture'?"))
        #expect(
            lua.failure(of: "return kit.fixture.peble").message
                == "recipe.lua:1: kit.fixture has no 'peble': did you mean 'pebble'? (it has: caller, every_option, gate, pebble, zeros)"
        )
        #expect(
            lua.failure(of: "return kit.fixture.boulder").message.hasSuffix(
                "zeros); plugin files are loaded by --plugin, DUBKIT_PLUGIN_PATH or kit.plugin.load"))
        #expect(lua.failure(of: "kit.x = 1").message == "recipe.lua:1: kit: its fields cannot be set from Lua")
    }

    @Test func tablesThatContainThemselvesOrAreTooDeepAreRefused() throws {
        #expect(
            lua.failure(of: "local t = {} t.t = t kit.fixture.every_option { anything = t }").message
                == "recipe.lua:1: kit.fixture.every_option: 'anything.t' is a table that contains itself, which the kit cannot take"
        )
        #expect(
            lua.failure(of: "local t = {} for i = 1, 100 do t = { t } end kit.fixture.every_option { anything = t }")
                .message.contains("nested deeper than 64 levels"))
        #expect(
            lua.failure(of: "local t = {} for i = 1, 60 do t = { t, t } end kit.fixture.every_option { anything = t }")
                .message.contains("a table holds more than 16777216 values"))
    }

    @Test func functionsUnderKitReturnPlainValues() throws {
        #expect(try lua.show("kit.greet { name = 'you' }") == "\"hello you\"")
        let error = lua.failure(of: "kit.greet { name = 'nobody' }")
        #expect(error == KitError(.noInput, "recipe.lua:1: kit.greet: there is nobody"))
    }

    @Test func kitCanBeRequiredAndWalked() throws {
        #expect(
            try lua.show("require 'kit' == kit, rawequal(kit.fixture, kit.fixture), kit.fixture.pebble")
                == "true; true; kit.fixture.pebble")
        #expect(
            try lua.run(
                chunk: "local names = {} for name in pairs(kit.fixture) do names[#names + 1] = name end return names"
            )
            .map(\.optionText) == ["{ \"caller\", \"every_option\", \"gate\", \"pebble\", \"zeros\" }"])
    }
}
