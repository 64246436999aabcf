import CLuaShim
import Kit
import LuaBridge
import TestSupport
import Testing

@Suite(.serialized, .alone("counts the memory of tensors")) struct MemoryTests {
    /// Touches every part of the bridge. Errors it provokes are told from those of memory.
    private static let script = """
        local kit = require "kit"
        local function fails(message, f, ...)
          local ok, e = pcall(f, ...)
          assert(not ok)
          e = tostring(e)
          if not e:find(message, 1, true) then error(e, 0) end
        end
        local p = kit.fixture.pebble { value = 5, bytes = 1000 }
        local q <close> = kit.fixture.pebble { value = 2 }
        do local gate <close> = kit.fixture.gate {} end
        local sum = (p + q) * 2 - 1
        assert(sum:get() == 13 and #p == 5 and p(1) == 6 and p[2] == 10 and p.amount == 5 and p.tags[2] == "grey")
        local all = kit.fixture.every_option {
          flag = true, count = 3, names = { { "x" } }, weights = { a = 1 }, peer = p, step = function(x) return x end, 1, 2,
          anything = { deep = { list = { 1, "two", p, function() end } } },
        }
        assert(all.peer == p and all.step(4) == 4 and all.anything.deep.list[2] == "two")
        assert(p:apply(function(t) return { t.x, p } end, { x = 1 })[1] == 1)
        p:keep(function() return p end)
        fails("failed on purpose", p.fail, p, 80)
        fails("failed on purpose", function() p:apply(function() p:fail(66) end) end)
        fails("unknown option 'valeu': did you mean 'value'?", function() kit.fixture.pebble { valeu = 1 } end)
        fails("did you mean 'pebble'?", function() return kit.fixture.peble end)
        fails("lua error", p.apply, p, error, "lua error")
        fails("a coroutine", p.echo, p, { a = coroutine.create(print) })
        local c = coroutine.wrap(function() coroutine.yield(p:apply(tostring, p)) end)
        assert(c() == "pebble 5.0")
        assert(("key = value"):gsub("(%w+) = (%w+)", "%2 = %1") == "value = key" and ("abc"):find("b()") == 2)
        for word in ("one two"):gmatch("%a+") do assert(#word == 3) end
        local names = {}
        for name in pairs(kit.fixture) do names[#names + 1] = name end
        assert(#names == 5 and assert(load("return 1"))() == 1 and kit.greet { name = "x" } == "hello x")
        for i = 1, 20 do local t = kit.fixture.zeros { count = i } end
        assert(tostring(p) == "pebble 5.0")
        return p, { sum, names }
        """

    /// What belongs to an interpreter goes with it.
    @Test func aClosedInterpreterIsFreed() throws {
        weak var core: AnyObject?
        do {
            let lua = try LuaState()
            try lua.run(chunk: Self.script)
            core = lua.core
            #expect(core != nil)
        }
        #expect(core == nil)
    }

    /// Runs the script with some allocations failing. Returns how many there were.
    @discardableResult
    private func attempt(failAt: Int64, span: Int64) throws -> Int64 {
        let lua: LuaState
        do {
            lua = try LuaState(memory: dks_memory(limit: 1 << 30, fail_at: failAt, fail_span: span))
        } catch let error as KitError {
            #expect(error.message.contains("not enough memory"), "allocation \(failAt): \(error.message)")
            return 0
        }
        do {
            try lua.run(chunk: Self.script, name: "@sweep.lua")
            _ = try lua.show("{ 1, kit }")
        } catch let error as KitError {
            #expect(error.message.contains("not enough memory"), "allocation \(failAt): \(error.message)")
        }
        return lua.allocations
    }

    @Test(arguments: [2, Int64.max]) func everyFailedAllocationIsAnErrorAndLeaksNothing(span: Int64) throws {
        let before = Pebble.alive
        let allocations = try attempt(failAt: 0, span: 0)
        #expect(allocations > 1000)
        for k in 1...allocations {
            try attempt(failAt: k, span: span)
            #expect(Pebble.alive == before, "allocation \(k) leaked")
            if Pebble.alive != before { break }
        }
    }

    @Test func theLimitOfLuasOwnMemoryIsAnError() throws {
        let lua = try LuaState(memoryLimit: 8 << 20)
        for script in [
            "local t = {} for i = 1, 1e9 do t[i] = { i } end", "return ('x'):rep(1 << 30)",
            "return ('ab'):rep(1 << 29, ',')",
            "local s = 'x' while true do s = s .. s end",
        ] {
            #expect(lua.failure(of: script) == KitError(.outOfMemory, "not enough memory for Lua's values"))
        }
        for script in [
            "while true do pcall(function() local t = {} while true do t = { t } end end) error('not enough memory') end"
        ] {
            #expect(lua.failure(of: script).message.contains("not enough memory"))
        }
        #expect(try lua.show("1 + 1") == "2")
    }

    @Test func tensorsOfALoopDoNotPileUp() throws {
        let lua = try LuaState()
        let megabyte = 1 << 20
        BufferPool.shared.resetPeak()
        let before = BufferPool.shared.bytesInUse
        try lua.run(chunk: "for i = 1, 500 do local t = kit.fixture.zeros { count = \(megabyte) } end")
        let peak = BufferPool.shared.peakBytesInUse - before
        #expect(peak <= 64 * megabyte, "peak \(peak / megabyte) MiB of 2000 MiB made")
        #expect(lua.nativeBytes <= 64 * megabyte)
    }

    @Test func whatIsAliveIsChargedAndReleasedBytesAreNot() throws {
        let lua = try LuaState()
        try lua.run(chunk: "keep = {} for i = 1, 10 do keep[i] = kit.fixture.pebble { bytes = 1000 } end")
        #expect(lua.nativeBytes == 10_000)
        try lua.run(chunk: "local x <close> = keep[1]")
        #expect(lua.nativeBytes == 9000)
        try lua.run(chunk: "keep = nil collectgarbage()")
        #expect(lua.nativeBytes == 0)
    }
}
