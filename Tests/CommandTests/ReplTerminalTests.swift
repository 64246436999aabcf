import Foundation
import TestSupport
import Testing

/// The prompt in a terminal, by key strokes.
@Suite(.serialized) struct ReplTerminalTests {
    private typealias Key = PseudoTerminal.Key

    /// Runs `body` with a started prompt whose history is its own.
    private func session(
        terminal: String = "xterm", environment: [String: String] = [:], rows: UInt16 = 24,
        _ body: (PseudoTerminal, URL) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            try body(try start(in: folder, terminal: terminal, environment: environment, rows: rows), folder)
        }
    }

    private func start(
        in folder: URL, terminal: String = "xterm", environment: [String: String] = [:], rows: UInt16 = 24
    ) throws -> PseudoTerminal {
        let own = [
            "HOME": folder.path, "XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "TERM": terminal,
            "NO_COLOR": "1",
        ]
        let screen = try PseudoTerminal(["repl"], environment: own.merging(environment) { $1 }, rows: rows)
        try #require(screen.wait(for: "> ") != nil, "\(screen.output)")
        return screen
    }

    @Test func aLineIsEditedBeforeItIsEvaluated() throws {
        try session { screen, _ in
            screen.type("40 + 3\(Key.controlA)1 + \(Key.enter)")
            #expect(screen.wait(for: "\n44\r\n") != nil, "\(screen.output)")
            screen.type("'grün' .. #'é'\(Key.enter)")
            #expect(screen.wait(for: "\n\"grün2\"\r\n> ") != nil, "\(screen.output)")
            screen.type(Key.controlD)
            #expect(screen.waitForEnd() == 0)
        }
    }

    @Test func theEndTypedWhileAChunkRunsEndsTheSession() throws {
        try session { screen, _ in
            screen.type("print('busy') local t = os.clock() while os.clock() - t < 0.5 do end\(Key.enter)")
            #expect(screen.wait(for: "\nbusy\r\n") != nil, "\(screen.output)")
            screen.type(Key.controlD)
            #expect(screen.waitForEnd() == 0, "\(screen.output)")
        }
    }

    @Test func aChunkOfSeveralLinesIsEditedAsAWhole() throws {
        try session { screen, _ in
            screen.type("for i = 1, 2 do\(Key.enter)print('line ' .. i * 21)\(Key.enter)end\(Key.enter)")
            #expect(screen.wait(for: "\nline 42\r\n") != nil, "\(screen.output)")
            // Recalled as one entry; two lines up, its first number is changed.
            screen.type("\(Key.up)\(Key.up)\(Key.up)\(Key.controlA)total = 5 \(Key.enter)")
            screen.type("total + 2\(Key.enter)")
            #expect(screen.wait(for: "\n7\r\n") != nil, "\(screen.output)")
        }
    }

    @Test func tabCompletesNamesOptionsAndPaths() throws {
        try session { screen, folder in
            // The terminal may draw the effect of a key by moving the cursor, so tests can only wait for text that is
            // drawn again.
            screen.type("kit.lo\t.nt\t { \t")
            #expect(screen.wait(for: "number; ") != nil && screen.wait(for: "(inferred)") != nil, "\(screen.output)")
            screen.type("temp\t0.25 }\(Key.enter)")
            #expect(screen.wait(for: "kit.loss.nt_xent { temperature = 0.25") != nil, "\(screen.output)")
            try Data().write(to: folder.appendingPathComponent("sound of music.wav"))
            screen.type("#'\(folder.path)/sou\t'\(Key.enter)")
            #expect(screen.wait(for: "\n\(folder.path.utf8.count + 19)\r\n") != nil, "\(screen.output)")
        }
    }

    @Test func historyLastsFromSessionToSession() throws {
        try Fixtures.withTemporaryFolder { folder in
            let first = try start(in: folder)
            first.type("x = {\(Key.enter)41 }\(Key.enter)x[1] + 1\(Key.enter)")
            #expect(first.wait(for: "\n42\r\n") != nil, "\(first.output)")
            first.type(":quit\(Key.enter)")
            #expect(first.waitForEnd() == 0)
            let second = try start(in: folder)
            second.type("\(Key.controlR)41\(Key.enter)")
            #expect(second.wait(for: "\n> ") != nil, "\(second.output)")
            second.type("x[1] + 2\(Key.enter)")
            #expect(second.wait(for: "\n43\r\n") != nil, "\(second.output)")
            let file = folder.appendingPathComponent("dubkit/history").path
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test(arguments: [
        "f = function() end while true do pcall(f) end",
        "string.find(('a'):rep(30000), '.-.-.-.-.-b')",
        "local c = coroutine.wrap(function() while true do pcall(coroutine.yield) end end) while true do c() end",
        "local e = kit.encoder.x3d { variant = 'm' } while true do e(kit.tensor.zeros { 4, 16, 128, 128, 3 }) end",
        "local x = kit.tensor.ones { 1 << 12, 1 << 12 } while true do x:matmul(x) end",
        """
        kit.train { data = kit.dataset.films { path = 'samples/movies/film-002.mkv', video = false, held_out = 0 }
        :batches(kit.sampler.uniform { batch = 2 }), modules = { a = kit.encoder.small_audio {} }, steps = 2,
        optimizer = kit.optimizer.sgd {}, step = function() while true do pcall(function() while true do end end) end end }
        """,
    ])
    func controlCStopsWhatRunsAndTheSessionStays(script: String) throws {
        try session { screen, _ in
            screen.type("kept = 'still ' .. 'here'\(Key.enter)")
            let line = script.replacingOccurrences(of: "\n", with: " ")
            screen.type("print('be' .. 'gun') io.stdout:flush() \(line)\(Key.enter)")
            #expect(screen.wait(for: "begun") != nil, "\(screen.output)")
            screen.type(Key.controlC)
            #expect(screen.wait(for: "interrupted") != nil, "\(screen.output)")
            screen.type("kept\(Key.enter)")
            #expect(screen.wait(for: "\n\"still here\"\r\n") != nil, "\(screen.output)")
        }
    }

    @Test func controlCForgetsWhatWasTyped() throws {
        try session { screen, _ in
            screen.type("error('never')\(Key.controlC)6 * 7\(Key.enter)")
            #expect(screen.wait(for: "\n42\r\n") != nil, "\(screen.output)")
            screen.type("(\(Key.enter)\(Key.controlC)7 * 7\(Key.enter)")
            #expect(screen.wait(for: "\n49\r\n") != nil, "\(screen.output)")
        }
    }

    @Test func longOutputIsPaged() throws {
        try session(rows: 10) { screen, _ in
            screen.type("help(kit)\(Key.enter)")
            #expect(screen.wait(for: "more lines") != nil, "\(screen.output)")
            screen.type(" ")
            #expect(screen.wait(for: "more lines") != nil)
            screen.type("q40 + 2\(Key.enter)")
            #expect(screen.wait(for: "\n42\r\n") != nil, "\(screen.output)")
        }
    }

    @Test func whatIsPastedBehindALongOutputIsNoAnswerToThePager() throws {
        try session(rows: 10) { screen, _ in
            screen.type("help(kit)\(Key.enter)aaa = 40\(Key.enter)aaa + 2\(Key.enter)")
            #expect(screen.wait(for: "\n42\r\n") != nil, "\(screen.output)")
            #expect(!screen.output.contains("more lines"), "\(screen.output)")
            screen.type("help(kit)\(Key.enter)")
            #expect(screen.wait(for: "more lines") != nil, "\(screen.output)")
            screen.type("aaa + 3\(Key.enter)")
            #expect(screen.wait(for: "\n43\r\n") != nil, "\(screen.output)")
        }
    }

    @Test func aDumbTerminalGetsNoEscapes() throws {
        try session(terminal: "dumb") { screen, _ in
            screen.type("6 * 7\n")
            #expect(screen.wait(for: "\n42\r\n") != nil, "\(screen.output)")
            screen.type("nothing.here\n")
            #expect(screen.wait(for: "^~~~~~~") != nil, "\(screen.output)")
            #expect(!screen.output.contains("\u{1B}"))
            screen.type(Key.controlD)
            #expect(screen.waitForEnd() == 0)
        }
    }

    @Test func colourIsLeftOutOnRequest() throws {
        try session(environment: ["NO_COLOR": ""]) { screen, _ in
            screen.type("nothing.here\(Key.enter)")
            #expect(screen.wait(for: "\u{1B}[31m") != nil, "\(screen.output)")
        }
        try session { screen, _ in
            screen.type("nothing.here\(Key.enter)")
            #expect(screen.wait(for: "^~~~~~~") != nil && !screen.output.contains("[31m"), "\(screen.output)")
        }
    }

    @Test func terminationEndsTheSession() throws {
        try session { screen, _ in
            screen.type("'re' .. 'ady'\(Key.enter)")
            #expect(screen.wait(for: "\"ready\"") != nil)
            #expect(screen.wait(for: "> ") != nil)
            screen.send(SIGTERM)
            #expect(screen.waitForEnd() == 143)
        }
    }
}
