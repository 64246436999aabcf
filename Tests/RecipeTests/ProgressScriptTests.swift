import Foundation
import Kit
import LuaBridge
import TestSupport
import Testing

/// `kit.progress` as scripts call it.
@Suite struct ProgressScriptTests {
    /// What a script writes to standard error, off a terminal.
    private func errors(_ script: String, _ flags: [String] = []) throws -> String {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/count.lua"
            try SoundFiles.write(path, text: "local kit = require 'kit'\n\(script)\n")
            return try Command.run(["run", path] + flags).errors
        }
    }

    @Test func linesSayHowFarItIsAndThatItIsDone() throws {
        let script = """
            local progress = kit.progress { total = 3, noun = "stones", verb = "turned" }
            for _ = 1, 3 do progress:advance() end
            """
        let lines = try errors(script).split(separator: "\n")
        #expect(lines.count == 2 && lines[0] == "turned 0/3 stones", "\(lines)")
        #expect(lines.last?.hasPrefix("turned 3/3 stones · ") == true, "\(lines)")
        for flags in [["--progress", "none"], ["-q"]] { #expect(try errors(script, flags).isEmpty) }
    }

    /// What a recipe prints meanwhile does not follow the progress on its line.
    @Test(arguments: ["print('')", "io.write('')"]) func printingClearsTheLine(chunk: String) throws {
        try Session().run {
            var shown = ""
            let log = RunLog(terminal: Terminal(isInteractive: true, width: { 80 }) { shown += $0 })
            try log.show(CountProgress(verb: "turned", noun: "stones", step: 1, steps: 3, first: 0))
            #expect(shown.contains("turned 1/3 stones"))
            shown = ""
            try LuaState().run(chunk: chunk)
            #expect(shown == "\r\u{1B}[K")
            try LuaState().run(chunk: chunk)
            #expect(shown == "\r\u{1B}[K")
        }
    }

    @Test func mistakesAreNamed() throws {
        #expect(try errors("kit.progress { total = -1 }").contains("option 'total' must be 0 or more, but is -1"))
        #expect(
            try errors("kit.progress { total = 1 }:advance(-1)").contains(
                "argument 'count' must be 0 or more, but is -1"))
        #expect(try errors("kit.progress { total = 0 }:advance(5)").isEmpty)
    }
}
