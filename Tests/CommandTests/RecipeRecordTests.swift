import Foundation
import Kit
import TestSupport
import Testing

/// What a run keeps of its recipe: the files that it requires, groups of parameters, and the places of all its batches.
@Suite(.serialized) struct RecipeRecordTests {
    private static func recipe(_ folder: URL) -> String {
        """
        local kit = require 'kit'
        require 'parts.mine'
        local cfg = kit.recipe { steps = 4, rate = 0.5, seed = 3 }
        local function batches(seed)
          return kit.dataset.films { path = '\(folder.path)/sounds', video = false, held_out = 0, seconds = 0.5 }:batches(
            kit.sampler.uniform { batch = 2, seed = seed })
        end
        local base, top, loss = kit.encoder.mean_log_mel {}, kit.layer.linear { 384, 4 }, kit.loss.mine {}
        local other = batches(9)
        kit.train {
          name = 'two', data = batches(cfg.seed), modules = { top = top }, steps = cfg.steps, checkpoint_every = 2,
          optimizer = kit.optimizer.sgd { learning_rate = 0.1 },
          groups = { { 'top%.bias', learning_rate = cfg.rate } },
          step = function(batch)
            local more = other:next() or other:next()
            return loss(top(base(batch.audio.und)), top(base(more.audio.und)))
          end,
        }

        """
    }

    private static let part = """
        require('kit').define.loss {
          name = 'mine', help = 'Mean squared distance.', reference = 'A test.',
          forward = function(a, b) return ((a - b) ^ 2):mean() end,
        }

        """

    /// Runs `body` in a folder with the recipe, what it requires, and sounds.
    private func withRecipe(_ body: (URL) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for index in 0..<3 {
                try SoundFiles.write("\(folder.path)/sounds/\(index).wav", seconds: 1, pitch: 300 + 100 * Double(index))
            }
            try SoundFiles.write("\(folder.path)/recipe.lua", text: Self.recipe(folder))
            try SoundFiles.write("\(folder.path)/parts/mine.lua", text: Self.part)
            try body(folder)
        }
    }

    /// The folder of the only run in `runs`, after a call of `dubkit run`.
    private func run(_ words: [String], in folder: URL, _ runs: String) throws -> (path: String, errors: String) {
        let outcome = try Command.run(
            ["run", "\(folder.path)/recipe.lua", "--runs", "\(folder.path)/\(runs)", "--progress", "none"] + words)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let name = try #require(try DiskFileSystem().names(in: "\(folder.path)/\(runs)/two").last)
        return ("\(folder.path)/\(runs)/two/\(name)", outcome.errors)
    }

    @Test func aSecondLoaderContinuesWhereItWas() throws {
        try withRecipe { folder in
            let whole = try run([], in: folder, "whole").path
            let begun = try run(["steps=2"], in: folder, "parts-of-it").path
            let resumed = try run(["steps=4", "--resume", begun], in: folder, "parts-of-it").path
            #expect(resumed == begun)
            let weights = try [whole, begun].map {
                try Data(contentsOf: URL(fileURLWithPath: "\($0)/checkpoints/step-4/model.safetensors"))
            }
            #expect(weights[0] == weights[1])
            let state = try String(contentsOfFile: "\(begun)/checkpoints/step-4/state.json", encoding: .utf8)
            #expect(state.contains("\"otherBatches\""), "\(state)")
        }
    }

    @Test func requiredFilesAndGroupsAreRecorded() throws {
        try withRecipe { folder in
            let path = try run(["steps=2"], in: folder, "runs").path
            #expect(try String(contentsOfFile: "\(path)/lib/parts/mine.lua", encoding: .utf8) == Self.part)
            let facts = try JSONDecoder().decode(
                ConfigurationFacts.self, from: Data(contentsOf: URL(fileURLWithPath: "\(path)/config.resolved.json")))
            let group = try #require(facts.plugins["kit.train group 1"])
            #expect(group["pattern"]?.value == "\"top%.bias\"" && group["learning_rate"]?.value == "0.5")
            #expect(group["optimizer"]?.value == "kit.optimizer.sgd" && group["schedule"]?.value == "that of the run")

            // A change of either is told when the run is resumed.
            try SoundFiles.write("\(folder.path)/parts/mine.lua", text: Self.part + "-- Changed.\n")
            let told = try run(["steps=4", "rate=0.25", "--resume", path], in: folder, "runs").errors
            #expect(
                told.contains("'learning_rate' of kit.train group 1 is 0.25, but was 0.5 in the run so far"), "\(told)")
            #expect(told.contains("parts/mine.lua differs from what the run started with, from line 5 on"), "\(told)")

            // The run's own copies are enough to run it again.
            try FileManager.default.removeItem(atPath: "\(folder.path)/parts")
            let again = try Command.run(["run", "\(path)/recipe.lua", "--dry-run"])
            #expect(again.status == 0, "\(again.errors)")
        }
    }
}
