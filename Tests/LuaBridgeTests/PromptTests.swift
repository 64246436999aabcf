import Kit
import LuaBridge
import Testing

@Suite struct PromptTests {
    private let lua: LuaState
    init() throws { lua = try LuaState() }

    @Test(arguments: [
        ("1 + 1", "2"), ("x = 5", ""), ("'a', nil, 2.0", "\"a\"; nil; 2.0"), ("for i = 1, 3", "(incomplete)"),
        ("f(", "(incomplete)"), ("{", "(incomplete)"), ("", ""), ("print", "<function>"), ("{}", "{}"),
        ("{ 1, { a = 'x', ['b c'] = true }, [10] = 2 }", "{ 1, { a = \"x\", [\"b c\"] = true }, [10] = 2 }"),
        ("'tab\\tquote\\\"'", "\"tab\\tquote\\\"\""),
        ("'two\\nlines'", "two\nlines"), ("coroutine.create(print)", "<thread>"),
        ("kit.fixture.pebble { value = 2 }", "pebble 2.0"), ("{ kit.fixture.pebble { value = 2 } }", "{ pebble 2.0 }"),
        ("(function() local t = { 1 } t.t = t return t end)()", "{ 1, t = <itself> }"),
        (
            "{ { name = 'a', size = 2 }, { name = 'bcd', size = 0.5, tags = { 'x', 'y' } } }",
            "name  size  tags\na     2\nbcd   0.5   x y"
        ), ("{ { 1 }, { 2 } }", "{ { 1 }, { 2 } }"),
        ("{ { a = print }, { a = print } }", "{ { a = <function> }, { a = <function> } }"),
        ("{ ('x'):rep(300) }", "{\n  \"\(String(repeating: "x", count: 200))\"... (300 bytes)\n}"),
        ("setmetatable({}, { __tostring = function() return 'mine' end })", "mine"),
    ])
    func showsValues(line: String, shown: String) throws {
        #expect(try lua.show(line) == shown)
    }

    @Test func aCallWithoutResultsShowsNothing() throws {
        #expect(try lua.show("help(kit.fixture.pebble)") == "")
        #expect(try lua.show("(help(kit.fixture.pebble))") == "nil")
        #expect(try lua.show("select('#', help(kit.fixture.pebble))") == "0")
    }

    @Test func longTablesAreBrokenAndCut() throws {
        #expect(
            try lua.show("{ a = ('x'):rep(90), b = { 1, 2 } }")
                == "{\n  a = \"\(String(repeating: "x", count: 90))\",\n  b = { 1, 2 }\n}")
        #expect(
            try lua.show("(function() local t = {} for i = 1, 200 do t[i] = i end return t end)()").hasSuffix(
                "100,\n  ...\n}"))
    }

    @Test func errorsNameTheChunk() throws {
        let syntax = #expect(throws: KitError.self) { try lua.evaluate("x = = 1") }
        #expect(syntax?.message == "prompt 1:1: unexpected symbol near '='")
        let runtime = #expect(throws: KitError.self) { try lua.evaluate("nothing.here") }
        #expect(runtime?.message == "prompt 2:1: attempt to index a nil value (global 'nothing')")
    }
}
