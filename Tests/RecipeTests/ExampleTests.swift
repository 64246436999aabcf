import Foundation
import Kit
import TestSupport
import Testing

/// The recipes in `scripts/examples`: each is short and runs.
@Suite(.serialized) struct ExampleTests {
    static var recipes: [String] {
        let folder = "\(Fixtures.repository.path)/scripts/examples"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            .filter { $0.hasSuffix(".lua") && !["convnext.lua", "resnet18.lua"].contains($0) }
    }

    @Test func thereAreRecipes() { #expect(Self.recipes.count >= 5) }

    @Test(arguments: recipes) func recipesTrainForTwoSteps(_ name: String) throws {
        let path = "scripts/examples/\(name)"
        let text = try String(contentsOfFile: "\(Fixtures.repository.path)/\(path)", encoding: .utf8)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 61, "\(name)")
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try Command.run([
                "run", path, "--runs", folder.path, "--progress", "none", "steps=2", "batch=4",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let runs = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(runs == [String(name.dropLast(4))])
        }
    }
}

/// `dubkit resume`, `dubkit run --like` and `dubkit sweep`.
@Suite(.serialized) struct RunAgainTests {
    private static let recipe = """
        local kit = require "kit"
        local part = require "part"
        local cfg = kit.recipe {
          steps = { 2, "steps" }, rate = { 0.1, "learning rate" }, names = { { "a", "b" }, "names" }, seed = 1,
        }
        print("names " .. table.concat(cfg.names, "+") .. ", rate " .. cfg.rate .. ", seed " .. cfg.seed)
        local films = kit.dataset.films { path = "samples/movies", video = false, tracks = { sound = "en" }, seconds = 1 }
        local net = kit.layer.chain { kit.layer.global_mean {}, part(kit) }
        kit.train {
          data = films:batches(kit.sampler.uniform { batch = 4 }), modules = { net = net },
          optimizer = kit.optimizer.sgd { learning_rate = cfg.rate }, steps = cfg.steps, checkpoint_every = 1,
          step = function(batch) return (net(batch.audio.sound) ^ 2):mean() end,
          evaluate = { every = 100, run = function(step) return { seed = cfg.seed } end },
        }
        """

    private func prepared(_ body: (_ folder: String, _ recipe: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let recipe = "\(folder.path)/again.lua"
            try SoundFiles.write(recipe, text: Self.recipe)
            try SoundFiles.write(
                "\(folder.path)/part.lua", text: "return function(kit) return kit.layer.linear { 2, 3 } end")
            try body(folder.path, recipe)
        }
    }

    @Test func aRunIsResumedAndRepeatedFromItsConfiguration() throws {
        try prepared { folder, recipe in
            let first = try Command.run(
                ["run", recipe, "--runs", "\(folder)/runs", "--progress", "none", "rate=0.25", "names=x,y", "seed=9"])
            #expect(first.status == 0 && first.output.contains("names x+y, rate 0.25, seed 9"), "\(first.errors)")
            let resumed = try Command.run(["resume", "\(folder)/runs/again", "--progress", "none", "steps=4"])
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(resumed.output.contains("names x+y, rate 0.25, seed 9"), "\(resumed.output)")
            #expect(resumed.errors.contains("resumed after step 2 of 4"), "\(resumed.errors)")
            let runs = try DiskFileSystem().names(in: "\(folder)/runs/again")
            #expect(runs.count == 1)
            // Without the recipe, from the copy in the run folder.
            try FileManager.default.removeItem(atPath: recipe)
            let copy = try Command.run(["resume", "\(folder)/runs/again", "--progress", "none", "steps=5"])
            #expect(copy.status == 0 && copy.errors.contains("resumed after step 4 of 5"), "\(copy.errors)")
            try SoundFiles.write(recipe, text: Self.recipe)
            let like = try Command.run(
                [
                    "run", recipe, "--like", "\(folder)/runs/again", "--runs", "\(folder)/others", "--progress", "none",
                    "rate=0.5",
                ])
            #expect(like.status == 0 && like.output.contains("names x+y, rate 0.5, seed 9"), "\(like.errors)")
            let missing = try Command.run(["resume", "\(folder)/none"])
            #expect(missing.status == 66 && missing.errors.contains("there is no such run"), "\(missing.errors)")
        }
    }

    @Test func aSweepMakesEachRunOnceAndATable() throws {
        try prepared { folder, recipe in
            let words = [
                "sweep", recipe, "rate=0.1,0.2", "seed=1..2", "--runs", "\(folder)/sweeps", "--progress", "none",
            ]
            let planned = try Command.run(words + ["--dry-run"])
            #expect(planned.output.split(separator: "\n").count == 4 && planned.output.contains("rate=0.1,seed=1"))
            let sweep = try Command.run(words)
            #expect(sweep.status == 0, "\(sweep.errors)")
            let table = try String(contentsOfFile: "\(folder)/sweeps/again/sweep.csv", encoding: .utf8)
            let rows = table.split(separator: "\n").map(String.init)
            #expect(
                rows.count == 5 && rows[0] == "rate,seed,state,steps,loss,seed"
                    && rows[4].hasPrefix("0.2,2,finished,2,"), "\(table)")
            #expect(FileManager.default.fileExists(atPath: "\(folder)/sweeps/again/report/index.html"))
            let again = try Command.run(words + ["--no-report"])
            #expect(again.status == 0)
            #expect(try DiskFileSystem().names(in: "\(folder)/sweeps/again/rate=0.1,seed=1/again").count == 1)
        }
        for (word, message) in [
            ("temprature=1,2", "the recipe has no key 'temprature': did you mean 'temperature'?"),
            ("temperature=0.1,warm", "temperature=warm: must be a number"),
            ("seed=3..1", "must go from a whole number up to another"), ("rate=", "one of its values is empty"),
            ("rate=1,1", "has '1' twice"), ("rate", "a key of the recipe is set with key=value"),
        ] {
            let outcome = try Command.run(["sweep", "scripts/examples/sweep.lua", word, "--dry-run"])
            #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test func aFailedRunDoesNotEndASweep() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (recipe, calm) = ("\(folder.path)/moody.lua", "\(folder.path)/calm")
            try SoundFiles.write(
                recipe,
                text: """
                    local kit = require "kit"
                    local cfg = kit.recipe { mood = { 1, "a mood" } }
                    if cfg.mood == 2 and not io.open "\(calm)" then error("a bad mood", 0) end
                    print("made " .. cfg.mood)
                    """)
            let words = ["sweep", recipe, "mood=1..3", "--runs", "\(folder.path)/sweeps", "--no-report"]
            let sweep = try Command.run(words)
            #expect(sweep.status == 64 && sweep.output.contains("made 1") && sweep.output.contains("made 3"))
            #expect(
                sweep.errors.contains("1 of 3 runs failed; the same command repeats it:\n  mood=2: "),
                "\(sweep.errors)")
            try SoundFiles.write(calm, text: "")
            let again = try Command.run(words)
            #expect(again.status == 0 && again.output.contains("made 2"), "\(again.errors)")
        }
    }
}
