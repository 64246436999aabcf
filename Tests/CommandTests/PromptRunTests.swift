import Foundation
import TestSupport
import Testing

/// Recipes that train, run at the prompt.
@Suite struct PromptRunTests {
    private static let recipe = """
        local kit = require "kit"
        local cfg = kit.recipe { data = "", fails = false, steps = 1, seed = 7 }
        local films = kit.dataset.films { path = cfg.data, video = false, tracks = { original = "en", dub = "es" } }
        local encoder = kit.encoder.mean_log_mel {}
        local top = kit.layer.linear { 384, 4 }
        return kit.train {
          data = films:batches(kit.sampler.uniform { batch = 2, seed = cfg.seed }),
          modules = { top = top }, optimizer = kit.optimizer.sgd {}, steps = cfg.steps,
          step = function(batch)
            local features = top(encoder(batch.audio.original))
            if cfg.fails then error "the step fails" end
            return features:mean()
          end,
        }

        """

    /// Types lines at a prompt in a folder with the recipe.
    private func typed(_ lines: [String], in folder: URL) throws -> String {
        try Data(Self.recipe.utf8).write(to: folder.appendingPathComponent("tiny.lua"))
        let outcome = try Command.run(["repl"], input: lines.map { "\($0)\n" }.joined(), in: folder)
        #expect(outcome.status == 0)
        return outcome.output + outcome.errors
    }

    /// Without a terminal nobody sees that the recipe failed, and lines would run without its names.
    @Test func aRecipeThatFailsBeforeTheFirstLineEndsAScript() throws {
        let absent = try Command.run(["repl", "absent.lua"], input: "print(1)\n")
        #expect(absent.status == 66 && absent.output.isEmpty && absent.errors.contains("'absent.lua' does not exist"))
    }

    private var run: String { ":run tiny.lua data=\(Fixtures.repository.path)/samples/movies" }

    @Test func aSecondRunIsOneMoreOfTheSameName() throws {
        try Fixtures.withTemporaryFolder { folder in
            let shown = try typed(
                [run, "_.folder", run, "_.folder", "kit.trained { path = 'runs/tiny' }.path"], in: folder)
            let folders = shown.split(separator: "\n").filter { $0.hasPrefix("\"") }
            #expect(folders.count == 2 && folders[0] != folders[1], "\(shown)")
            // The newest is found, and its only module is a layer.
            let newest = try #require(folders.last).dropFirst().dropLast()
            #expect(shown.contains("kit.trained: \(newest): this run has no encoder"), "\(shown)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/runs") == ["tiny"])
        }
    }

    @Test func anEvaluatedTextMayBeACommand() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("print('ran') x = 5 return x".utf8).write(to: folder.appendingPathComponent("small.lua"))
            for (text, status, shown) in [
                (":run small.lua", 0, "ran\n5\n"), ("!echo hello", 0, "hello\n"),
                ("? nt_xent", 0, "kit.loss.nt_xent {"),
                (":rnu small.lua", 64, ""), ("x = (1", 64, ""), ("1 + 1", 0, "2\n"),
            ] as [(String, Int32, String)] {
                let outcome = try Command.run(["repl", "-e", text], in: folder)
                #expect(outcome.status == status && outcome.output.hasPrefix(shown), "\(text): \(outcome)")
            }
        }
    }

    @Test func theVariablesOfAFailedStepCanBeLookedAt() throws {
        try Fixtures.withTemporaryFolder { folder in
            let shown = try typed(["\(run) fails=true", ":locals", ":locals 1", "features:shape()"], in: folder)
            #expect(shown.contains("tiny.lua:11: kit.train: the step fails"), "\(shown)")
            #expect(shown.contains(", tiny.lua:11\n   batch     "), "\(shown)")
            #expect(shown.contains("   features  tensor [2, 4] float32"), "\(shown)")
            #expect(
                shown.contains("now names of the session: batch, features") && shown.contains("{ 2, 4 }"), "\(shown)")
        }
    }
}
