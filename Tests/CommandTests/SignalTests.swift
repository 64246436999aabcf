import Foundation
import TestSupport
import Testing

/// Ctrl-C, SIGTERM and SIGHUP, as another process sends them. Processes that tests start inherit both blocked, so these tests
/// also show that the command takes them all the same.
@Suite(.serialized) struct SignalTests {
    /// Starts a recipe, and signals it when it says that it is where it should be.
    private func outcome(of recipe: String, _ signals: [Int32]) throws -> Command.Outcome {
        try Fixtures.withTemporaryFolder { folder in
            let (file, mark) = (
                folder.appendingPathComponent("recipe.lua"), folder.appendingPathComponent("ready").path
            )
            let text =
                "local kit = require 'kit'\nlocal function ready() io.open('\(mark)', 'w'):close() end\n" + recipe
            try Data(text.utf8).write(to: file)
            let command = try Command(["run", file.path, "--runs", folder.appendingPathComponent("runs").path])
            command.waitForFile(mark)
            for signal in signals { command.send(signal) }
            return try command.wait()
        }
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143)), (SIGHUP, Int32(129))])
    func aRecipeInALoopIsUnwound(signal: Int32, status: Int32) throws {
        let outcome = try outcome(of: "ready()\nwhile true do pcall(function() while true do end end) end", [signal])
        #expect(outcome.status == status)
        #expect(outcome.errors == "dubkit: interrupted\n")
    }

    @Test func decodingEnds() throws {
        let outcome = try outcome(
            of: """
                local film = kit.media.open { path = 'samples/movies/film-002.mkv' }
                ready()
                while true do film:frames(0, film.duration, 64) film:audio('en', 0, film.duration) end
                """, [SIGINT])
        #expect(outcome.status == 130 && outcome.errors.hasSuffix("dubkit: interrupted\n"), "\(outcome.errors)")
    }

    /// One signal ends a training after a checkpoint, and the command says how to resume.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aTrainingIsCheckpointed(signal: Int32) throws {
        let outcome = try outcome(
            of: """
                local films = kit.dataset.films { path = 'samples/movies/film-002.mkv', video = false, held_out = 0 }
                local encoder = kit.encoder.small_audio {}
                kit.train {
                  data = films:batches(kit.sampler.uniform { batch = 2 }), modules = { audio = encoder },
                  optimizer = kit.optimizer.sgd {}, steps = 1000,
                  step = function(batch)
                    ready()
                    local features = encoder(batch.audio.eng)
                    return (features * features):mean()
                  end,
                }
                """, [signal])
        #expect(outcome.status == 75, "\(outcome.errors)")
        #expect(outcome.errors.contains("continue with: dubkit resume "), "\(outcome.errors)")
        #expect(!outcome.errors.contains("interrupted"))
    }

    /// As `nohup` starts it.
    @Test func aTerminalThatIsGoneMayBeIgnored() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (recipe, ready, go) = (
                folder.appendingPathComponent("recipe.lua"), folder.appendingPathComponent("ready").path,
                folder.appendingPathComponent("go").path
            )
            let text = """
                io.open('\(ready)', 'w'):close()
                while not io.open('\(go)') do end
                print 'done'
                """
            try Data(text.utf8).write(to: recipe)
            let command = try Command(
                ["-c", "trap '' HUP; exec \"$0\" run \"$1\"", Command.program.path, recipe.path],
                program: URL(fileURLWithPath: "/bin/sh"))
            command.waitForFile(ready)
            command.send(SIGHUP)
            try Data().write(to: URL(fileURLWithPath: go))
            let outcome = try command.wait()
            #expect(outcome.status == 0 && outcome.output == "done\n", "\(outcome.status) \(outcome.errors)")
        }
    }

    /// The first Ctrl-C asks a step to be the last one; the second ends it.
    @Test func aStepEndsAtTheSecond() throws {
        let outcome = try outcome(
            of: """
                local films = kit.dataset.films { path = 'samples/movies/film-002.mkv', video = false, held_out = 0 }
                local encoder = kit.encoder.small_audio {}
                kit.train {
                  data = films:batches(kit.sampler.uniform { batch = 2 }), modules = { audio = encoder },
                  optimizer = kit.optimizer.sgd {}, steps = 2,
                  step = function(batch)
                    ready()
                    while true do end
                  end,
                }
                """, [SIGINT, SIGINT])
        #expect(outcome.status == 130 && outcome.errors.contains("interrupted"), "\(outcome.errors)")
    }
}
