import Foundation
import TestSupport
import Testing

/// Mistakes in a recipe for real films, from the command line to the exit code.
@Suite(.serialized) struct BadInputTests {
    /// A recipe that trains a small encoder on the sound of the sample films.
    private static func recipe(
        data: String = "path = 'samples/movies'", sampler: String = "k = 2, batch = 4", width: Int = 8,
        step: String = "return nt_xent(embed(batch.audio.first), embed(batch.audio.second))", steps: Int = 2
    ) -> String {
        """
        local kit = require 'kit'
        local films = kit.dataset.films {
          \(data), video = false, tracks = { first = 'en', second = 'es' }, workers = 1 }
        local encoder = kit.encoder.small_audio { features = \(width) }
        local nt_xent = kit.loss.nt_xent {}
        local function embed(sound) return encoder(sound) end
        return kit.train {
          name = 'bad', data = films:batches(kit.sampler.same_film { \(sampler) }), modules = { audio = encoder },
          optimizer = kit.optimizer.sgd { learning_rate = 0.01 }, steps = \(steps),
          step = function(batch, number)
            \(step)
          end,
        }
        """
    }

    private func run(_ recipe: String, in folder: URL, _ more: String...) throws -> Command.Outcome {
        let file = folder.appendingPathComponent("recipe.lua")
        try Data(recipe.utf8).write(to: file)
        return try Command.run(
            ["run", file.path, "--runs", folder.appendingPathComponent("runs").path, "--progress", "none"] + more)
    }

    private static func run(in folder: URL) throws -> String {
        let runs = folder.appendingPathComponent("runs/bad").path
        return "\(runs)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first))"
    }

    @Test(arguments: [
        (recipe(data: "path = 'samples/movies', seconds = 600"), 65, "shorter than a clip of 600.0 s"),
        (recipe(data: "path = 'no/films'"), 66, "no/films"),
        (
            recipe(data: "path = 'samples/movies', mel_mean = 1/0"), 64,
            "option 'mel_mean' must be -1000000.0 to 1000000.0, but is"
        ),
        (
            recipe(data: "path = 'samples/movies', mean = { 0, 1e300, 0 }"), 64,
            "option 'mean' must be -1000000.0 to 1000000.0, but is 1e+300"
        ),
        (recipe(data: "path = 'samples/movies', std = { 1e-300 }"), 64, "option 'std' must be 1e-06 to"),
        (recipe(data: "path = 'README.md'"), 66, "README.md"),
        (recipe(sampler: "k = 30, batch = 8"), 64, "option 'k' must be at most the batch of 8, but is 30"),
        (recipe(sampler: "k = 1, batch = 1"), 64, "nt_xent: expected a batch of at least 2"),
        (recipe(step: ""), 64, "step: must return a loss tensor or a table of named ones, but returned nil"),
        (
            recipe(step: "return encoder(batch.audio.first:mean(2))"), 64,
            "small_audio: expected log-mel [batch, time, mel"
        ),
        (
            recipe(step: "return nt_xent(embed(batch.audio.first), kit.tensor.ones { 4, 3 })"), 64,
            "nt_xent: expected two batches of embeddings of one shape [batch, features], given [4, 8] and [4, 3]"
        ),
        (
            recipe(step: "return embed(batch.audio.first):sum() / (number == 2 and 0 or 1) * (2 - number)"), 80,
            "step 2: the loss term 'loss' is "
        ),
        (recipe(step: "return embed(batch.audio.frist)"), 64, "did you mean 'first'?"),
    ])
    func isExplained(recipe: String, status: Int, message: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try run(recipe, in: folder)
            #expect(outcome.status == Int32(status), "\(outcome.errors)")
            #expect(outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    @Test func aLossThatIsNotFiniteNamesItsClips() throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try run(
                Self.recipe(step: "return embed(batch.audio.first):mean() * (number == 2 and 0 / 0 or 1)"), in: folder)
            #expect(outcome.status == 80)
            #expect(
                try #/step 2: the loss term 'loss' is NaN; the batch's clips: film-\d+/#.firstMatch(
                    in: outcome.errors)
                    != nil, "\(outcome.errors)")
            let log = try String(contentsOfFile: "\(Self.run(in: folder))/log.txt", encoding: .utf8)
            #expect(log.contains("error: ") && log.contains("step 2: the loss term"))
        }
    }

    /// Opening a pipe that nobody writes into waits for ever.
    @Test func aNamedPipeIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let pipe = folder.appendingPathComponent("pipe.lua").path
            #expect(mkfifo(pipe, 0o600) == 0)
            for link in [false, true] {
                let path = link ? "\(folder.path)/link.lua" : pipe
                if link { #expect(symlink(pipe, path) == 0) }
                let outcome = try Command.run(["run", path])
                #expect(outcome.status == 66)
                #expect(outcome.errors == "dubkit: recipe '\(path)' is a named pipe, not a file of Lua text\n")
            }
            for chunk in [
                "kit.read_json { path = '\(pipe)' }", "kit.encoder.small_audio { features = 8 }:load('\(pipe)')",
            ] {
                let outcome = try run("local kit = require 'kit'\nlocal value = " + chunk, in: folder)
                #expect([65, 74].contains(outcome.status) && outcome.errors.contains("pipe.lua"), "\(outcome.errors)")
            }
            // Pipes that a shell makes have their writer.
            for script in ["echo 'print(7)' | dubkit run /dev/stdin", "echo 'print(7)' | dubkit run /dev/fd/0"] {
                let outcome = try Command.shell(script, in: folder)
                #expect(outcome.status == 0 && outcome.output == "7\n", "\(outcome.errors)")
            }
        }
    }

    @Test func aRecipeThatReturnsNothingIsFine() throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try run("local kit = require 'kit'", in: folder)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        }
    }

    @Test func aCheckpointOfAnotherModelIsRefusedAndOfOtherSettingsWarnedOf() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(try run(Self.recipe(), in: folder).status == 0)
            let other = try run(Self.recipe(width: 9), in: folder, "--resume", "auto")
            #expect(other.status == 78, "\(other.errors)")
            #expect(other.errors.contains("'features.weight' is [8, 256] in the file, but should be [9, 256]"))
            let faster = Self.recipe(steps: 3).replacing("rate = 0.01", with: "rate = 0.5")
            let resumed = try run(faster, in: folder, "--resume", "auto")
            #expect(resumed.status == 0, "\(resumed.errors)")
            let text = resumed.output + resumed.errors
            #expect(
                text.contains("warning: 'learning_rate' of kit.optimizer.sgd is 0.5, but was 0.01 in the run so far"),
                "\(text)")
            #expect(text.contains("warning: 'steps' of kit.train is 3, but was 2 in the run so far"), "\(text)")
        }
    }

    @Test func truncatedFilmsAreNamedAndSkipped() throws {
        try Fixtures.withTemporaryFolder { folder in
            let films = folder.appendingPathComponent("films")
            try FileManager.default.createDirectory(at: films, withIntermediateDirectories: true)
            for name in ["film-002.mkv", "film-004.mkv", "film-006.mkv", "film-008.mkv"] {
                let data = try Data(contentsOf: Fixtures.repository.appendingPathComponent("samples/movies/\(name)"))
                let part = name == "film-004.mkv" ? data.prefix(data.count / 10) : data
                try part.write(to: films.appendingPathComponent(name))
            }
            let data = "path = '\(films.path)', held_out = 0, bad_budget = 1"
            let trained = try run(Self.recipe(data: data, steps: 12), in: folder)
            #expect(trained.status == 0, "\(trained.errors)")
            let bad = try String(contentsOfFile: "\(Self.run(in: folder))/bad_samples.jsonl", encoding: .utf8)
            #expect(bad.split(separator: "\n").count == 1 && bad.contains("film-004.mkv"), "\(bad)")
            let strict = data.replacing("bad_budget = 1", with: "bad_budget = 0")
            let refused = try run(Self.recipe(data: strict, steps: 12), in: folder)
            #expect(refused.status == 65 && refused.errors.contains("film-004.mkv"), "\(refused.errors)")
            let check = try Command.run(["data", "check", films.path])
            #expect(check.status == 65 && check.output.contains("film-004.mkv"), "\(check.output)")
        }
    }
}
