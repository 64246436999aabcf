import Glibc
import Kit
import LuaBridge
import Testing

@Suite struct CallbackTests {
    private let lua: LuaState
    init() throws {
        lua = try LuaState()
        try lua.run(chunk: "p = kit.fixture.pebble { value = 5 }")
    }

    @Test(arguments: [
        ("p:apply(function(a, b) return a + b end, 1, 2)", "3"),
        ("p:apply(function(t) return t.x .. #t.list end, { x = 'a', list = { 1, 2 } })", "\"a2\""),
        ("p:apply(function() end)", "nil"),
        ("p:apply(function() return 1, 2 end)", "1"),
        ("p:apply(function(o) return rawequal(o, p) end, p)", "true"),
        ("p:apply(function(f) return f(4) end, function(x) return x * x end)", "16"),
        ("p:apply(math.max, 3, 9, 4)", "9"),
        ("p:apply(function(x) return p:apply(function(y) return y + x end, 10) end, 1)", "11"),
    ])
    func functionsAreCalledFromNativeCode(expression: String, shown: String) throws {
        #expect(try lua.show(expression) == shown)
    }

    @Test func errorsNameTheLineInsideTheFunctionOnce() throws {
        let error = lua.failure(of: "p:apply(function()\n  local x = nil\n  return x.y\nend)")
        #expect(error.message == "recipe.lua:3: attempt to index a nil value (local 'x')")
        #expect(lua.lastTraceback?.contains("recipe.lua:3:") == true)
    }

    @Test func theLineInsideTheFunctionComesBeforeWhoCalledIt() throws {
        let error = lua.failure(of: "kit.fixture.caller { f = function()\n  local x = nil\n  return x.y\nend }")
        #expect(error.message == "recipe.lua:3: kit.fixture.caller: attempt to index a nil value (local 'x')")
        #expect(lua.lastTraceback?.contains("recipe.lua:3:") == true)
        let own = lua.failure(of: "kit.fixture.caller {\n f = function() p:fail(66) end }")
        #expect(own == KitError(.noInput, "recipe.lua:2: kit.fixture.caller: failed on purpose"))
    }

    @Test func kindsPassThroughEveryLayer() throws {
        let error = lua.failure(of: "p:apply(function()\n  p:apply(function() p:fail(80) end)\nend)")
        #expect(error == KitError(.nonFinite, "recipe.lua:2: failed on purpose"))
        #expect(lua.failure(of: "p:fail(66)").kind == .noInput)
        #expect(lua.failure(of: "error(select(2, pcall(p.fail, p, 74)))").kind == .inputOutput)
        #expect(lua.failure(of: "coroutine.wrap(function() p:fail(78) end)()").kind == .configuration)
        #expect(lua.failure(of: "p:stumble()").kind == .internalFault)
    }

    @Test func caughtErrorsPrintAndTellTheirKind() throws {
        try lua.run(
            chunk: """
                local ok, e = pcall(function() p:fail(66) end)
                assert(not ok and e.kind == "no_input" and e.code == 66)
                assert(tostring(e) == "recipe.lua:1: failed on purpose", tostring(e))
                assert("caught " .. e == "caught recipe.lua:1: failed on purpose")
                """, name: "@recipe.lua")
    }

    @Test func errorsThatAreNoMessagesAreExplained() {
        #expect(lua.failure(of: "error({})").message == "recipe.lua:1: error() was called with a table, not a message")
        #expect(lua.failure(of: "error()").message == "recipe.lua:1: error() was called with a nil, not a message")
        #expect(
            lua.failure(of: "error(setmetatable({}, { __tostring = function() return 'mine' end }))").message
                == "recipe.lua:1: mine")
    }

    @Test func runawayRecursionIsAnError() {
        #expect(lua.failure(of: "local function f() return f() + 1 end f()").message.contains("stack overflow"))
        #expect(lua.failure(of: "local function f() p:apply(f) end f()").message.contains("stack overflow"))
        #expect(
            lua.failure(of: "p:apply(coroutine.yield)").message.contains("attempt to yield from outside a coroutine"))
    }

    @Test func aKeptFunctionThrowsOnceItsStateIsGone() throws {
        let keeper = Pebble()
        var other: LuaState? = try LuaState()
        try other?.setGlobal("keeper", .object(keeper))
        try other?.run(chunk: "local n = 0 keeper:keep(function() n = n + 1 return n end)")
        #expect(try keeper.kept?.call([]).optionText == "1")
        #expect(try keeper.kept?.call([]).optionText == "2")
        other = nil
        #expect(throws: KitError(.internalFault, "this Lua function's interpreter was closed")) {
            try keeper.kept?.call([])
        }
    }

    @Test func aFunctionOfAnotherThreadOrStateIsRefused() throws {
        let keeper = Pebble()
        try lua.setGlobal("keeper", .object(keeper))
        try lua.run(chunk: "keeper:keep(function() return 1 end)")
        #expect(throws: KitError.self) { try LuaState().setGlobal("f", .object(keeper.kept!)) }

        final class Outcome { var error: KitError? }
        let outcome = Outcome()
        let work = Unmanaged.passRetained((keeper, outcome) as AnyObject)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                let (keeper, outcome) =
                    Unmanaged<AnyObject>.fromOpaque(context!).takeRetainedValue() as! (Pebble, Outcome)
                do { _ = try keeper.kept!.call([]) } catch { outcome.error = error as? KitError }
                return nil
            }, work.toOpaque())
        pthread_join(thread, nil)
        #expect(outcome.error?.kind == .internalFault)
    }

    @Test func functionsThatNativeCodeForgetsAreCollected() throws {
        try lua.run(
            chunk: """
                local alive = setmetatable({}, { __mode = "k" })
                for i = 1, 200 do
                  local f = function() return i end
                  alive[f] = true
                  p:apply(f)
                end
                p:apply(print)
                collectgarbage()
                local count = 0
                for _ in next, alive do count = count + 1 end
                assert(count <= 1, count)
                """.replacing("print", with: "type, 1"))
    }
}
