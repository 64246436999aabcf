import Foundation
import Kit
import LuaBridge
import TestSupport
import Testing

@Suite struct SourceTests {
    private let lua: LuaState
    init() throws { lua = try LuaState() }

    @Test func syntaxErrorsNameFileAndLine() throws {
        let error = lua.failure(of: "local x = 1\nlocal = 2")
        #expect(error == KitError(.usage, "recipe.lua:2: <name> expected near '='"))
    }

    @Test func bytecodeIsRefusedHoweverItComes() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("code.lua").path
            try lua.setGlobal("path", .string(path))
            try lua.run(
                chunk:
                    "code = string.dump(function() return 1 end) local f = io.open(path, 'wb') f:write(code) f:close()")
            for script in [
                "assert(load(code))", "assert(load(code, 'x', 'b'))", "assert(load(code, 'x', 'bt'))",
                "local sent; assert(load(function() if not sent then sent = true return code end end))",
                "assert(loadfile(path))", "assert(loadfile(path, 'b'))", "dofile(path)",
                "package.path = path:gsub('code.lua$', '?.lua') require 'code'",
            ] {
                let message = lua.failure(of: script).message
                #expect(message.contains("ytecode"), "\(script): \(message)")
            }
            let error = #expect(throws: KitError.self) { try lua.run(file: path) }
            #expect(error?.message.hasSuffix("holds Lua bytecode; only Lua source text is loaded") == true)
        }
    }

    @Test func textStillLoads() throws {
        #expect(
            try lua.show("load('return ...')(5), load(function() return nil end), load('x = y', 'n', 't', { y = 3 })")
                .hasPrefix("5; <function>; <function>"))
        try lua.run(chunk: "local env = { y = 3 } load('x = y', 'n', 't', env)() assert(env.x == 3)")
        let shown = try lua.show("load('return +')")
        #expect(shown == "nil; \"[string \\\"return +\\\"]:1: unexpected symbol near '+'\"")
    }

    @Test func modulesBesideTheRecipeAreFound() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["pretrain", "pretrain/lib", "lib"] {
                try FileManager.default.createDirectory(
                    at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
            }
            func write(_ text: String, _ name: String) throws {
                try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            try write("return { name = ... }", "pretrain/near.lua")
            try write("return { name = ... }", "pretrain/lib/inner.lua")
            try write("return { fail = function() error('from the module') end }", "lib/outer.lua")
            try write("local broken =", "lib/broken.lua")
            let recipe = folder.appendingPathComponent("pretrain/recipe.lua").path
            try write(
                "assert(require 'near'.name == 'near' and require 'inner' == require 'inner')\nrequire 'outer'.fail()",
                "pretrain/recipe.lua")
            let error = #expect(throws: KitError.self) { try lua.run(file: recipe) }
            #expect(error?.message.hasSuffix("lib/outer.lua:1: from the module") == true, "\(error?.message ?? "")")
            try write("require 'broken'", "pretrain/recipe.lua")
            let syntax = #expect(throws: KitError.self) { try lua.run(file: recipe) }
            #expect(
                syntax?.message.contains("broken.lua:1: unexpected symbol near <eof>") == true,
                "\(syntax?.message ?? "")")
            try write("require 'absent'", "pretrain/recipe.lua")
            let absent = #expect(throws: KitError.self) { try lua.run(file: recipe) }
            #expect(
                absent?.message == "\(recipe):1: no module 'absent' (looked for absent.lua in \(folder.path)/pretrain, "
                    + "\(folder.path)/pretrain/lib, \(folder.path)/lib)")
            for (name, words) in [
                ("kitt", "no module 'kitt': did you mean 'kit'? (looked for kitt.lua in "),
                ("outre", "did you mean 'outer'?"), ("near.lua", "did you mean 'near'? (looked for near.lua in "),
                ("kit.loss", "no module 'kit.loss': members of kit need no require: write kit.loss"),
            ] {
                try write("require '\(name)'", "pretrain/recipe.lua")
                let error = #expect(throws: KitError.self) { try lua.run(file: recipe) }
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
            try write("-- nothing is returned, which is fine", "pretrain/recipe.lua")
            try lua.run(file: recipe)
        }
    }

    @Test func aMissingRecipeIsNoInput() throws {
        let error = #expect(throws: KitError.self) { try lua.run(file: "/nowhere/recipe.lua") }
        #expect(error == KitError(.noInput, "recipe '/nowhere/recipe.lua' does not exist"))
    }

    @Test func argumentsAreInArg() throws {
        try lua.setArguments(["a", "b"], script: "recipe.lua")
        #expect(try lua.show("arg[0], arg[1], #arg") == "\"recipe.lua\"; \"a\"; 2")
    }

    @Test func librariesKeepTheirMeaning() throws {
        #expect(
            try lua.show("('ab'):rep(3, '-'), ('x'):rep(0), ('x'):rep(-1), #('xy'):rep(200000, ','), ('a'):rep(1)")
                == "\"ab-ab-ab\"; \"\"; \"\"; 599999; \"a\"")
        #expect(try lua.show("('ab'):rep(131073) == ('ab'):rep(131072) .. 'ab'") == "true")
        #expect(
            try lua.show(
                "table.move({ 1, 2, 3 }, 1, 3, 2), table.move({ 1, 2, 3 }, 2, 3, 1), table.move({ 1, 2 }, 1, 2, 3, { 9, 9 })"
            ) == "{ 1, 1, 2, 3 }; { 2, 3, 3 }; { 9, 9, 1, 2 }")
        #expect(try lua.show("os.execute('exit 3')") == "nil; \"exit\"; 3")
    }

    @Test(arguments: [
        ("('x'):rep({})", "bad argument #2 to 'rep' (number expected, got table)"),
        ("table.move(nil, 1, 2, 3)", "bad argument #1 to 'move' (table expected, got nil)"),
        ("table.sort(5)", "bad argument #1 to 'sort' (table expected, got number)"),
        ("table.sort { 1, 'x' }", "attempt to compare string with number"),
        ("('x'):rep(1 << 40)", "resulting string too large"),
        ("error('mine', 0)", "mine"),
    ])
    func errorsOfLibrariesNameTheRecipesLine(chunk: String, message: String) {
        #expect(lua.failure(of: chunk).message == "recipe.lua:1: \(message)")
    }

    @Test func coroutinesKeepTheirMeaning() throws {
        #expect(
            try lua.show(
                "coroutine.resume(coroutine.create(function(a) local b = coroutine.yield(a + 1) return b end), 1)")
                == "true; 2")
        try lua.run(
            chunk: """
                local f = coroutine.wrap(function(a) while true do a = coroutine.yield(a * 2) end end)
                assert(f(1) == 2 and f(5) == 10)
                local closed = false
                local g = coroutine.wrap(function()
                  local x <close> = setmetatable({}, { __close = function() closed = true end })
                  error("inside")
                end)
                local ok, e = pcall(g)
                assert(not ok and e:find("inside", 1, true) and closed)
                assert(select("#", coroutine.wrap(function() return nil, nil end)()) == 2)
                local ok, e = xpcall(error, function(e) return e .. " handled" end, "raised")
                assert(not ok and e == "raised handled")
                """)
    }

    @Test func pairsVisitsKeysInAFixedOrder() throws {
        try lua.run(
            chunk: """
                local t = { c = 1, a = 2, [2] = 3, [1] = 4, b = 5, [-1] = 6, [0.5] = 7 }
                local seen = {}
                for key, value in pairs(t) do
                  seen[#seen + 1] = tostring(key) .. "=" .. value
                  t[key] = nil
                end
                order = table.concat(seen, " ")
                assert(next(t) == nil)
                """)
        #expect(try lua.show("order") == "\"-1=6 0.5=7 1=4 2=3 a=2 b=5 c=1\"")
        #expect(
            try lua.run(
                chunk:
                    "for k, v in pairs(setmetatable({}, { __pairs = function() return next, { z = 1 } end })) do return k, v end"
            ).map(\.optionText) == ["\"z\"", "1"])
        #expect(
            lua.failure(of: "pairs(nil)").message
                == "recipe.lua:1: bad argument #1 to 'pairs' (table expected, got nil)")
    }
}
