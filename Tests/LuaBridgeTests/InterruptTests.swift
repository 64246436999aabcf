import Kit
import LuaBridge
import TestSupport
import Testing

/// Each script would run for ever, or nearly so, if Ctrl-C did not unwind it.
@Suite(.serialized, .alone("Ctrl-C")) struct InterruptTests {
    private static let spin = "while true do end"

    @Test(arguments: [
        spin,
        "while true do pcall(function() \(spin) end) end",
        "while true do pcall(pcall, pcall, function() \(spin) end) end",
        "local function f() while true do pcall(f) end end f()",
        "while true do xpcall(function() \(spin) end, function() \(spin) end) end",
        "while true do coroutine.resume(coroutine.create(function() while true do pcall(function() \(spin) end) end end)) end",
        "while true do pcall(coroutine.wrap(function() \(spin) end)) end",
        "local c = coroutine.wrap(function() while true do pcall(coroutine.yield) end end) while true do c() end",
        "local t = setmetatable({}, { __index = function() \(spin) end }) while true do pcall(function() return t.x end) end",
        "while true do local x <close> = setmetatable({}, { __close = function() \(spin) end }) end",
        "coroutine.wrap(function() local x <close> = setmetatable({}, { __close = function() \(spin) end }) \(spin) end)()",
        "local c = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() \(spin) end }) \(spin) end) pcall(coroutine.resume, c) coroutine.close(c) \(spin)",
        "error(setmetatable({}, { __tostring = function() \(spin) end }))",
        "while true do p:apply(function() pcall(function() \(spin) end) end) end",
        "while true do pcall(p.apply, p, function() p:apply(function() \(spin) end) end) end",
        "string.find(('a'):rep(30000), '.-.-.-.-.-b')",
        "string.match(('a'):rep(30000), '(.*)(.*)(.*)(.*)b')",
        "for _ in string.gmatch(('a'):rep(30000), 'a*a*a*a*b') do end",
        "string.gsub(('('):rep(300000), '%b()', '')",
        "while true do pcall(string.find, ('a'):rep(30000), '.-.-.-.-.-b') end",
        "table.move({}, 1, 1 << 60, 2)",
        "string.rep('', 1 << 60) \(spin)",
        "while true do load(function() \(spin) end) end",
        "table.sort({ 1, 2, 3 }, function() \(spin) end)",
        "debug.sethook = debug.sethook and debug.sethook() \(spin)",
        "kit.fixture.zeros { count = 1 } \(spin)",
    ])
    func unwindsToTheTop(script: String) throws {
        let lua = try LuaState()
        defer { Interrupt.clear() }
        let error = #expect(throws: KitError.self) {
            try lua.run(chunk: "p = kit.fixture.pebble()\np:interrupt()\n\(script)")
        }
        #expect(error == KitError(.interrupted, "interrupted"))
        Interrupt.clear()
        // The interpreter is as good as new.
        #expect(try lua.show("p:apply(function(x) return x + 1 end, 1)") == "2")
        #expect(try lua.show("select(2, pcall(error, 'caught'))") == "\"caught\"")
    }

    @Test func aGracefulSectionTakesTwo() throws {
        let lua = try LuaState()
        defer { Interrupt.clear() }
        Interrupt.gracefully {
            #expect(throws: Never.self) {
                try lua.run(chunk: "local p = kit.fixture.pebble() p:interrupt() for i = 1, 1e5 do end")
            }
            #expect(throws: KitError.self) { try lua.run(chunk: "kit.fixture.pebble():interrupt() \(Self.spin)") }
        }
    }

    @Test func finalizersAreNotToBeHad() throws {
        let lua = try LuaState()
        #expect(
            lua.failure(of: "setmetatable({}, { __gc = function() end })").message
                == "recipe.lua:1: __gc is not available: use a variable marked <close>")
    }

    @Test func aRunCanBeEndedWithoutAnError() throws {
        let lua = try LuaState()
        Session.current.configuration = ResolvedConfiguration(stopsWhenResolved: true, environment: { _ in nil })
        defer { Session.current.configuration = ResolvedConfiguration() }
        try lua.run(chunk: "while true do pcall(function() kit.recipe { batch = 3 } \(Self.spin) end) end")
        #expect(Session.current.configuration["batch"]?.value.optionText == "3")
        #expect(throws: KitError.self) { try lua.run(chunk: "error 'still an error'") }
    }

    @Test func nothingRunsAfterTheEnd() throws {
        let lua = try LuaState()
        Session.current.configuration = ResolvedConfiguration(stopsWhenResolved: true, environment: { _ in nil })
        defer { Session.current.configuration = ResolvedConfiguration() }
        try lua.run(chunk: "kit.recipe { batch = 3 }\nkit.recipe { later = 1 }")
        #expect(Session.current.configuration["batch"] != nil)
        #expect(Session.current.configuration["later"] == nil)
    }
}
