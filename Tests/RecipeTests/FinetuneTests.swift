import Foundation
import Kit
import TestSupport
import Testing

/// scripts/finetune/classify.lua and scripts/evaluate/words.lua, as a user would run them.
@Suite(.serialized) struct FinetuneTests {
    private static func run(_ recipe: String, _ keys: [String], runs: URL) throws -> Command.Outcome {
        try Command.run(
            ["run", recipe, "--runs", runs.path, "--progress", "none"] + keys.flatMap { ["--set", $0] })
    }

    private static let brief = ["steps=2", "batch=4", "evaluations=1", "frames=4", "size=32"]

    @Test(arguments: ["audio", "video", "audio,video"]) func twoStepsOnTheSampleFilms(views: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try Self.run(
                "scripts/finetune/classify.lua", Self.brief + ["views=\(views)", "head_steps=1", "mixup=0.4"],
                runs: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("manner: 4 classes, "), "\(outcome.output)")
            #expect(outcome.output.contains("  top1  ") && outcome.output.contains("  balanced_accuracy  "))
            let runs = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(runs == ["classify", "classify_head"])
        }
    }

    /// Transformers read mono spectrograms.
    @Test func aFreshTransformerIsFineTuned() throws {
        try Fixtures.withTemporaryFolder { folder in
            let keys = ["steps=1", "batch=2", "evaluations=1", "audio_encoder=vit"]
            let tuned = try Self.run("scripts/finetune/classify.lua", keys + ["mel=v2"], runs: folder)
            #expect(tuned.status == 0 && tuned.output.contains("  top1  "), "\(tuned.errors)")
            for (key, words) in [
                ("steps=0", "steps=0: must be 1 to 1000000000, but is"),
                ("mixup=101", "mixup=101: must be 0.0 to 100.0, but is"),
                ("mel=v3", "must be one of v1, v2, v2_stereo, but is string \"v3\""),
            ] {
                let bad = try Self.run("scripts/finetune/classify.lua", keys + [key], runs: folder)
                #expect(bad.status != 0 && bad.errors.contains(words), "\(bad.errors)")
            }
        }
    }

    /// Two pitches are learned from fresh weights; a run of them is a start for another task, with frozen parts.
    @Test func itLearnsAndStartsFromARun() throws {
        try Fixtures.withTemporaryFolder { folder in
            let rows = try (0..<40).map { index -> String in
                let pitch = (index % 2 == 0 ? 300 : 1500) * (1 + 0.01 * Double(index))
                try SoundFiles.write("\(folder.path)/in/\(index).wav", pitch: pitch)
                return "\(index).wav,\(index % 2 == 0 ? "low" : "high"),\(index < 24 ? "train" : "test")"
            }
            let list = "\(folder.path)/in/list.csv"
            try SoundFiles.write(list, text: "path,label,split\n" + rows.joined(separator: "\n") + "\n")
            let keys = ["task=csv", "path=\(list)", "seconds=1", "batch=8", "evaluations=3"]
            let fresh = try Self.run(
                "scripts/finetune/classify.lua", keys + ["steps=30", "encoder_rate=1", "layer_decay=1"],
                runs: folder.appendingPathComponent("fresh"))
            #expect(fresh.status == 0, "\(fresh.errors)")
            #expect(fresh.output.contains("list: 2 classes, 16 test items"), "\(fresh.output)")
            #expect(fresh.output.contains("top1  1.0000  (1.0000 to 1.0000)"), "\(fresh.output)")

            let start = "from=\(folder.path)/fresh/classify"
            let tuned = try Self.run(
                "scripts/finetune/classify.lua",
                keys + [start, "best=true", "steps=2", "freeze=audio.stem,audio.blocks%.[01]"],
                runs: folder.appendingPathComponent("tuned"))
            #expect(tuned.status == 0, "\(tuned.errors)")
            let facts = try #require(
                FileManager.default.enumerator(atPath: "\(folder.path)/tuned")?.compactMap { $0 as? String }.first {
                    $0.hasSuffix("results.jsonl")
                })
            let results = try String(contentsOfFile: "\(folder.path)/tuned/\(facts)", encoding: .utf8)
            #expect(results.contains("\"variant\":\"fine-tuned\"") && results.contains("\"low\":"), "\(results)")
            for (more, words) in [
                ([start, "views=video"], "key 'from': it was trained without video"),
                (["freeze=sound.stem"], "key 'freeze': 'sound.stem' must begin with the name of an encoder: audio"),
                (["freeze=audio.stme"], "no parameter matches \"stme\""),
                (["views=smell"], "key 'views' must list audio, video or both, but has 'smell'"),
            ] {
                let outcome = try Self.run(
                    "scripts/finetune/classify.lua", keys + ["steps=1"] + more,
                    runs: folder.appendingPathComponent("bad"))
                #expect(outcome.status != 0 && outcome.errors.contains(words), "\(outcome.errors)")
            }
        }
    }

    /// Sounds that spell pitches, with texts next to them: a head reads them off the spectrogram.
    @Test func wordsAreReadFromAFolder() throws {
        try Fixtures.withTemporaryFolder { folder in
            let runs = folder.appendingPathComponent("runs")
            let trained = try Command.run([
                "run", "scripts/pretrain/audio_audio.lua", "--runs", runs.path, "--progress", "none", "--set",
                "steps=1",
                "--set", "batch=4", "--set", "k=2", "--set", "held_out=0",
            ])
            try #require(trained.status == 0, "\(trained.errors)")
            let words = ["low", "high", "middle"]
            for index in 0..<24 {
                let pitch = [200.0, 3000, 900][index % 3]
                try SoundFiles.write("\(folder.path)/in/\(index).wav", pitch: pitch * (1 + 0.01 * Double(index)))
                try SoundFiles.write("\(folder.path)/in/\(index).txt", text: "The \(words[index % 3])!\n")
            }
            let keys = [
                "run=\(runs.path)/audio_audio", "data=\(folder.path)/in", "language=", "epochs=25", "hidden=16",
                "results=\(folder.path)/results.jsonl",
            ]
            let naive = try Self.run(
                "scripts/evaluate/words.lua", keys + ["encoder=mean_log_mel", "head=linear"], runs: runs)
            #expect(naive.status == 0, "\(naive.errors)")
            #expect(naive.output.contains("linear head with CTC on audio, 4 symbols, 6 test items"), "\(naive.output)")
            let own = try Self.run(
                "scripts/evaluate/words.lua", keys + ["keywords=low,HIGH", "layer=blocks%.0"], runs: runs)
            #expect(own.status == 0, "\(own.errors)")
            #expect(own.output.contains("lstm head with CTC on audio, 2 symbols, 4 test items"), "\(own.output)")
            let results = try String(contentsOfFile: "\(folder.path)/results.jsonl", encoding: .utf8)
            #expect(results.contains("word_error_rate") && results.contains("keyword_error_rate"), "\(results)")
            #expect(results.contains("\"lower_is_better\":true"))
            let letters = try Self.run(
                "scripts/evaluate/words.lua", keys + ["unit=letters", "epochs=1", "random=true"], runs: runs)
            #expect(letters.status == 0, "\(letters.errors)")
            #expect(letters.output.contains("11 symbols"), "\(letters.output)")
            let none = try Self.run("scripts/evaluate/words.lua", keys + ["keywords=medium"], runs: runs)
            #expect(
                none.status != 0 && none.errors.contains("none of the transcripts has one of the keywords (medium)"),
                "\(none.errors)")
            try SoundFiles.write("\(folder.path)/one/a.wav", pitch: 400)
            try SoundFiles.write("\(folder.path)/one/a.txt", text: "low high")
            let single = try Self.run("scripts/evaluate/words.lua", keys + ["data=\(folder.path)/one"], runs: runs)
            #expect(
                single.status != 0
                    && single.errors.contains(
                        "three films or more are needed, to train on, to choose by and to test; given 1"),
                "\(single.errors)")
        }
    }

    /// Tokens of a vision transformer, which are read along time.
    @Test func wordsAreReadOffTransformers() throws {
        try Fixtures.withTemporaryFolder { folder in
            let recipe = "\(folder.path)/vit.lua"
            try SoundFiles.write(
                recipe,
                text: """
                    local kit = require "kit"
                    kit.recipe { seed = 1 }
                    local films = kit.dataset.films {
                      path = "samples/movies", video = false, tracks = { sound = "en" }, mel = "v2", workers = 1,
                    }
                    local encoder = kit.encoder.vit { size = "ti" }
                    kit.train {
                      name = "vit", data = films:batches(kit.sampler.uniform { batch = 2 }), modules = { audio = encoder },
                      optimizer = kit.optimizer.adamw {}, steps = 1,
                      step = function(batch) return encoder(batch.sound):mean() end,
                    }

                    """)
            let runs = folder.appendingPathComponent("runs")
            let trained = try Command.run(["run", recipe, "--runs", runs.path, "--progress", "none"])
            try #require(trained.status == 0, "\(trained.errors)")
            for index in 0..<4 {
                try SoundFiles.write("\(folder.path)/in/\(index).wav", seconds: 2, pitch: 300)
                try SoundFiles.write("\(folder.path)/in/\(index).txt", text: "one two")
            }
            for (layer, more) in [("", ["head=linear"]), ("layer=encoder%.layer%.3", [])] {
                let read = try Self.run(
                    "scripts/evaluate/words.lua",
                    ["run=\(runs.path)/vit", "data=\(folder.path)/in", "language=", "epochs=1", "hidden=4"]
                        + [layer].filter { !$0.isEmpty } + more, runs: runs)
                #expect(read.status == 0, "\(read.errors)")
                #expect(read.output.contains("head with CTC on audio, 2 symbols, 1 test item"), "\(read.output)")
            }
        }
    }
}
