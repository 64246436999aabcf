import Foundation
import Kit
import LuaBridge
import TestSupport
import Testing

/// Chunks and commands at the prompt, and their output.
@Suite struct PromptSessionTests {
    private final class Screen { var text: [String] = [] }
    private let screen = Screen()
    private let session: PromptSession

    init() throws {
        let screen = screen
        session = PromptSession(
            try LuaState(), hasColor: false,
            prepare: { _, keys in
                Session.current.configuration = ResolvedConfiguration(
                    overrides: keys, isInteractive: true, environment: { _ in nil })
            }, show: { screen.text.append($0) })
    }

    private func enter(_ text: String) -> String {
        screen.text = []
        session.enter(text)
        return screen.text.joined(separator: "\n")
    }

    @Test(arguments: [
        (
            "local x = nothing.here",
            "attempt to index a nil value (global 'nothing')\n  local x = nothing.here\n            ^~~~~~~"
        ),
        ("x = = 1", "unexpected symbol near '='\n  x = = 1\n      ^"),
        ("x = 1\ny = x .. {}", "line 2: attempt to concatenate a table value\n  y = x .. {}\n  ^"),
        (
            "kit.fixture.pebble { vlaue = 1 }",
            "kit.fixture.pebble: unknown option 'vlaue': did you mean 'value'? (it takes: value, bytes)\n  kit.fixture.pebble { vlaue = 1 }\n                       ^~~~~"
        ),
        ("\tfoo()", "attempt to call a nil value (global 'foo')\n  \tfoo()\n  \t^~~"),
        ("error('plain', 0)", "plain\n  error('plain', 0)\n  ^"),
    ])
    func errorsShowTheLineAndACaret(chunk: String, shown: String) {
        #expect(enter(chunk) == shown)
    }

    @Test func anErrorInAFileShowsItsLine() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("b.lua")
            try Data("-- A function.\nfunction broken(x)\n  return x.y.z\nend\n".utf8).write(to: file)
            #expect(enter(":run \(file.path)") == "")
            #expect(
                enter("broken {}")
                    == "\(file.path):3: attempt to index a nil value (field 'y')\n    return x.y.z\n             ^")
        }
    }

    @Test func theVariablesOfAFailedFunctionCanBeLookedAt() throws {
        #expect(enter(":locals") == ":locals: no function with variables has failed yet")
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("c.lua")
            try Data(
                """
                local function inner(n)
                  local t = { n = n }
                  return t.missing.field
                end
                function step(batch)
                  local x = batch * 2
                  local y = inner(x)
                  return y
                end
                step(4)
                """.utf8
            ).write(to: file)
            let hint = "(:locals shows the variables of the functions that failed)"
            #expect(enter(":run \(file.path)").hasSuffix("\n\(hint)"))
            #expect(
                enter(":locals") == """
                    1  inner, \(file.path):3
                       n  8
                       t  { n = 8 }
                    2  step, \(file.path):7
                       batch  4
                       x      8
                    """)
            #expect(enter(":locals 1") == "now names of the session: n, t")
            #expect(enter("t.n + n") == "16")
            #expect(enter(":locals 3") == ":locals expects a number of 1 to 2, as :locals lists them, but was given 3")
            // Told once in a session; the newest error counts.
            #expect(!enter(":run \(file.path)").contains(hint))
            #expect(enter("do local only = 7; error 'no' end").contains("no"))
            #expect(enter(":locals").hasSuffix("\n   only  7"))
        }
    }

    @Test func recipesRunWithKeysAndAreReloaded() throws {
        defer { Session.current.configuration = ResolvedConfiguration() }
        try Fixtures.withTemporaryFolder { folder in
            let (file, module) = (folder.appendingPathComponent("r.lua"), folder.appendingPathComponent("part.lua"))
            try Data("return { 1 }".utf8).write(to: module)
            try Data("cfg = kit.recipe { batch = 4 }\npart = require 'part'\nreturn cfg.batch, part[1]".utf8).write(
                to: file)
            #expect(enter(":run \(file.path) batch=6") == "6\n1")
            try Data("return { 2 }".utf8).write(to: module)
            #expect(enter(":reload") == "6\n2")
            #expect(enter("cfg.batch + part[1]") == "8")
            #expect(enter(":run \(file.path) bach=6").contains("did you mean 'batch'?"))
            try Data("return 1".utf8).write(to: module)
            #expect(
                enter(":run \(module.path) foo=1")
                    == "1\nfoo=1: this recipe declares no keys (it does not call kit.recipe)")
        }
        #expect(enter(":run").hasPrefix(":run expects a file"))
        #expect(enter(":run none.lua") == "recipe 'none.lua' does not exist")
    }

    @Test func localNamesStayFromChunkToChunk() {
        #expect(enter("local function gauss(n) return n < 2 and n or n + gauss(n - 1) end") == "")
        #expect(enter("local a, b <const>, c = 1, 2") == "" && enter("gauss(4), a, b, c") == "10\n1\n2\nnil")
        #expect(enter("for i = 1, 2 do local inner = i end") == "" && enter("inner") == "nil")
        #expect(enter("local broken = gauss.x.y").contains("  local broken = gauss.x.y\n"))
    }

    @Test func whatTheSessionDefinedIsListed() {
        #expect(enter(":who") == "nothing yet")
        #expect(enter("x, pebbles = 5, { kit.fixture.pebble { value = 2 } }") == "")
        #expect(enter(":who") == "pebbles  { pebble 2.0 }\nx        5")
    }

    @Test func timeIsTakenAndUnknownCommandsAreExplained() {
        #expect(enter(":time 6 * 7").hasPrefix("42\ntook "))
        #expect(enter(":time").hasPrefix(":time expects an expression"))
        #expect(enter(":tiem 5").contains("did you mean 'time'?"))
        #expect(enter(":help").contains(":run FILE"))
        #expect(enter("? pebble").contains("kit.fixture.pebble {"))
        #expect(enter("?pebbel").contains("did you mean 'pebble'?"))
        #expect(enter("::label:: x = 3") == "")
        #expect(!session.isOver)
        #expect(enter(":quit") == "" && session.isOver)
    }

    @Test func chunksGoOnUntilTheyAreComplete() {
        #expect(!session.isComplete("for i = 1, 3 do") && session.isComplete("for i = 1, 3 do end"))
        #expect(session.isComplete("x = = 1") && session.isComplete(":run") && session.isComplete(""))
        #expect(enter("for i = 1, 3 do") == "the input ended in the middle of this")
    }
}

@Suite struct HistoryFileTests {
    @Test func entriesComeBackAsTheyWere() throws {
        try Fixtures.withTemporaryFolder { folder in
            let history = HistoryFile(environment: ["XDG_STATE_HOME": folder.path, "HOME": "/nowhere"])
            #expect(history.path == "\(folder.path)/dubkit/history" && history.read().isEmpty)
            let entries = ["x = 1", "for i = 1, 2 do\n  print('a\\n')\nend", "'grün'"]
            for entry in entries { history.append(entry) }
            #expect(history.read() == entries)
        }
        #expect(HistoryFile(environment: ["HOME": "/home/a"]).path == "/home/a/.local/state/dubkit/history")
        #expect(HistoryFile(environment: ["HOME": "/home/a", "XDG_STATE_HOME": "relative"]).path.hasPrefix("/home/a/"))
    }

    @Test func aLongFileIsCutToItsNewestEntries() throws {
        try Fixtures.withTemporaryFolder { folder in
            let history = HistoryFile(environment: ["XDG_STATE_HOME": folder.path])
            history.append("first")
            let lines = (0..<20_001).map { "x = \($0)\n" }.joined()
            try Data(lines.utf8).write(to: URL(fileURLWithPath: history.path))
            #expect(history.read().count == 10_000 && history.read().last == "x = 20000")
            #expect(try Data(contentsOf: URL(fileURLWithPath: history.path)).count < lines.utf8.count * 6 / 10)
        }
    }
}

/// Conveniences of the prompt.
@Suite(.serialized) struct PromptConvenienceTests {
    private final class Screen { var text: [String] = [] }
    private let screen = Screen()
    private let session: PromptSession

    init() throws {
        let screen = screen
        session = PromptSession(
            try LuaState(), hasColor: false,
            prepare: { _, keys in
                Session.current.configuration = ResolvedConfiguration(
                    overrides: keys, isInteractive: true, environment: { _ in nil })
            }, show: { screen.text.append($0) })
    }

    private func enter(_ text: String) -> String {
        screen.text = []
        session.enter(text)
        return screen.text.joined(separator: "\n")
    }

    @Test func theLastValueIsAnUnderscore() {
        #expect(enter("40 + 2") == "42")
        #expect(enter("_ * 2") == "84")
        #expect(enter("x = 1") == "")
        #expect(enter("_") == "84")
        #expect(enter(":who") == "x  1")
    }

    @Test func timesAreTakenOverRepetitions() {
        #expect(enter(":time 5 1 + 1").hasPrefix("2\n5 times: median "))
        #expect(enter(":time 1 + 1").hasPrefix("2\ntook "))
        #expect(enter(":time") == ":time expects an expression: :time EXPRESSION")
    }

    @Test func aRecipesLocalNamesAndResultStay() throws {
        defer { Session.current.configuration = ResolvedConfiguration() }
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("r.lua")
            try Data(
                "local kit = require 'kit'\nlocal width = 3\nlocal function twice(x) return 2 * x end\nreturn { width }"
                    .utf8
            )
            .write(to: file)
            _ = enter(":run \(file.path)")
            #expect(enter("twice(width) + _[1]") == "9")
        }
    }

    @Test func helpTakesANameWithoutQuotes() {
        #expect(enter("help temperature") == enter("? temperature"))
        #expect(enter("help temperature").contains("nt_xent"))
        #expect(enter("help cross entropy") == enter("? cross entropy"))
        #expect(enter("help and 3") == "3")
        #expect(enter("help == nil") == "false")
    }

    @Test func theSessionIsSavedAndCommandsRun() throws {
        try Fixtures.withTemporaryFolder { folder in
            _ = enter("local a = 2")
            _ = enter("a * 3")
            let file = folder.appendingPathComponent("session.lua").path
            #expect(enter(":save \(file)") == "2 chunks: \(file)")
            let saved = try String(contentsOfFile: file, encoding: .utf8)
            #expect(saved == "local a = 2\n_ = a * 3\nprint(_)\n")
            _ = try LuaState().run(chunk: saved)
            // What failed would stop the recipe.
            _ = enter("local b = a +\n  nothing")
            #expect(enter(":save \(file)") == "3 chunks, 1 of them failed and is a comment: \(file)")
            let again = try String(contentsOfFile: file, encoding: .utf8)
            #expect(again == saved + "-- failed: local b = a +\n--   nothing\n")
            _ = try LuaState().run(chunk: again)
            #expect(enter("!exit 3") == "exit 3: status 3")
            #expect(enter("!touch \(folder.path)/made") == "")
            #expect(FileManager.default.fileExists(atPath: "\(folder.path)/made"))
        }
    }
}
