import Kit
import LuaBridge
import Testing

@Suite(.serialized, .alone("counts the objects of the fixtures")) struct ScriptObjectTests {
    private let lua: LuaState
    init() throws {
        lua = try LuaState()
        try lua.run(chunk: "p = kit.fixture.pebble { value = 5 } q = kit.fixture.pebble { value = 2 }")
    }

    @Test(arguments: [
        ("(p + q):get(), (p + 1):get(), (1 + p):get()", "7.0; 6.0; 6.0"),
        ("(p - 1):get(), (1 - p):get(), (p - q):get()", "4.0; -4.0; 3.0"),
        ("(p * 0.5):get(), (10 / p):get(), (-p):get()", "2.5; 2.0; -5.0"),
        (
            "p == q, p == kit.fixture.pebble { value = 5 }, p ~= q, p < q, q < p, p > q",
            "false; true; true; false; true; true"
        ),
        ("#p, p(1, 2, q), p .. 1, 'x' .. tostring(p)", "5; 10.0; \"5.0..1.0\"; \"xpebble 5.0\""),
        ("p[3], p.amount, p.tags, p:plus(1.5)", "15.0; 5.0; { \"small\", \"grey\" }; 6.5"),
        ("type(p), tostring(p), p", "\"userdata\"; \"pebble 5.0\"; pebble 5.0"),
        ("rawequal(p, p:same()), getmetatable(p)", "true; false"),
        ("p:echo(p) == p, rawequal(p:echo({ p })[1], p)", "true; true"),
    ])
    func operatorsMethodsAndPropertiesWork(expression: String, shown: String) throws {
        #expect(try lua.show(expression) == shown)
    }

    @Test(arguments: [
        (
            "p:gett()",
            "pebble 5.0 has no 'gett': did you mean 'get'? "
                + "(it has: amount, apply, echo, fail, get, grade, interrupt, keep, plus, same, stumble, tags)"
        ),
        ("return p[true]", "pebble: argument 'position' must be an integer, but is boolean true"),
        ("p(1, 'x')", "pebble: argument 'numbers'[2] must be a number or pebble, but is string \"x\""),
        ("p.get()", "get: called without its object; write object:get(...)"),
        ("p.get(5)", "get: called on integer 5; write object:get(...)"),
        ("p.get(kit)", "get: called on kit; write object:get(...)"),
        ("p:get(1)", "get: takes no arguments, but was given 1 argument"),
        ("p:plus()", "plus: the first argument, 'amount', is missing: it takes (amount)"),
        ("p:plus('x')", "plus: argument 'amount' must be a number, but is string \"x\""),
        ("return p + {}", "+: needs a number or pebble, but was given a list of 0"),
        ("return p + 'x'", "+: needs a number or pebble, but was given string \"x\""),
        ("p.amount = 3", "pebble 5.0: its fields cannot be set from Lua"),
        ("return #kit", "attempt to get length of a kit value (global 'kit')"),
        ("kit()", "attempt to call a kit value (global 'kit')"),
    ])
    func wrongUseIsExplained(chunk: String, message: String) throws {
        let error = lua.failure(of: chunk)
        #expect(error.message == "recipe.lua:1: \(message)")
        #expect(error.kind == .usage)
    }

    @Test func unknownMethodsGetAHint() throws {
        try lua.run(chunk: "o, x = kit.fixture.every_option(), kit.fixture.zeros { count = 6 }")
        #expect(
            lua.failure(of: "return 'o: ' .. o").message
                == "recipe.lua:1: ..: cannot concatenate an every_option: use tostring(x) for what print shows")
        #expect(lua.failure(of: "return x .. 1").message.contains("use x:item() for the number of a scalar"))
        #expect(
            lua.failure(of: "x:size()").message == "recipe.lua:1: tensor [6] float32 has no 'size': write x:shape()")
        #expect(
            lua.failure(of: "x:reshape(3, 2)").message
                == "recipe.lua:1: reshape: takes (shape), but was given 2 arguments: write x:reshape { 3, 2 }")
        #expect(lua.failure(of: "o.flga()").message.contains("every_option has no 'flga': did you mean 'flag'?"))
    }

    @Test func closingReleasesAtOnce() throws {
        let before = Pebble.alive
        try lua.run(
            chunk: """
                do
                  local early <close> = kit.fixture.pebble { value = 1 }
                  leaked = early
                end
                """)
        #expect(Pebble.alive == before)
        #expect(lua.failure(of: "leaked:get()").message.contains("is a pebble that <close> has already released"))
        #expect(lua.failure(of: "return leaked + 1").message.contains("already released"))
        #expect(try lua.show("tostring(leaked)") == "\"released pebble\"")
    }

    @Test func aTypesOwnCloseLearnsHowTheScopeEnds() throws {
        (Gate.ends, Gate.alive) = ([], 0)
        try lua.run(chunk: "do local gate <close> = kit.fixture.gate {} end")
        #expect(Gate.ends == ["well"] && Gate.alive == 0)
        let body = "local gate <close> = kit.fixture.gate {} error 'on purpose'"
        #expect(lua.failure(of: body).message.contains("on purpose"))
        #expect(Gate.ends == ["well", "failed"] && Gate.alive == 0)
        let stuck = lua.failure(of: "local gate <close> = kit.fixture.gate { sticks = true }")
        #expect(stuck.kind == .inputOutput && stuck.message.contains("the gate sticks"))
    }

    @Test func closingTheStateReleasesEverything() throws {
        let before = Pebble.alive
        do {
            let other = try LuaState()
            try other.run(chunk: "t = {} for i = 1, 100 do t[i] = kit.fixture.pebble { bytes = i } end")
            #expect(Pebble.alive == before + 100)
        }
        #expect(Pebble.alive == before)
    }

    @Test func anObjectStaysTheSameObjectWhileLuaHoldsIt() throws {
        try lua.run(
            chunk: """
                local marks = setmetatable({}, { __mode = "k" })
                marks[p] = "marked"
                collectgarbage()
                assert(marks[p:same()] == "marked")
                """)
    }
}
