import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Learning with labels in recipes: losses, decoding, intervals, mixup, runs to start from.
@Suite(.serialized) struct LabelScriptTests {
    @discardableResult
    private func run(_ chunk: String) throws -> [OptionValue] { try LuaState().run(chunk: chunk, name: "@recipe.lua") }

    @Test func lossesTakeLabelsOfBatches() throws {
        try run(
            """
            local scores = kit.tensor.normal { 3, 4, seed = 1 }:requires_grad()
            local loss = kit.loss.cross_entropy { label_smoothing = 0 }(scores, { 1, 4, 2 })
            local own = -scores:log_softmax():pick({ 1, 4, 2 }):mean()
            assert(math.abs(loss:item() - own:item()) < 1e-6)
            loss:backward()
            assert(scores.grad:shape()[2] == 4)
            local targets = kit.tensor.one_hot { labels = { 1, 4, 2 }, classes = 4 }
            assert(math.abs(kit.loss.cross_entropy {}(scores, targets):item() - own:item()) < 1e-6)
            local several = kit.loss.binary_cross_entropy {}(scores, { { 1, 0, 0, 1 }, { 0, 0, 0, 0 }, { 1, 1, 1, 1 } })
            assert(several:item() > 0)
            local frames = kit.tensor.normal { 2, 6, 4, seed = 2 }
            local ctc = kit.loss.ctc {}
            assert(ctc(frames, { { 2, 2 }, { 4 } }):item() ~= ctc(frames, { { 2, 2 }, { 4 } }, { 6, 3 }):item())
            local ok, message = pcall(ctc, frames, { { 2, 2, 2, 2 }, { 3 } })
            assert(not ok and tostring(message):find("row 1 has 4 symbols with 3 repeats, which need 7 frames", 1, true),
              tostring(message))
            """)
    }

    @Test func decodingAndIntervals() throws {
        try run(
            """
            local path = { 1, 3, 3, 1, 3, 2 }
            local scores = kit.tensor.one_hot { labels = path, classes = 3 }:unsqueeze(1)
            local read = kit.ctc_decode(scores)[1]
            assert(#read == 3 and read[1] == 3 and read[2] == 3 and read[3] == 2)
            assert(#kit.ctc_decode(scores, { frames = { 3 } })[1] == 1)
            local ok, message = pcall(kit.ctc_decode, scores, { frames = { 9 } })
            assert(not ok and tostring(message):find("1 number from 0 to 6, one for each row", 1, true))
            assert(kit.metric.word_error_rate {}({ "a b", "c" }, { "a b", "d" }) == 1 / 3)

            local right = { 1, 0, 1, 1, 1, 0, 1, 1 }
            local function share(items)
              local sum = 0
              for _, item in ipairs(items) do sum = sum + right[item] end
              return sum / #items
            end
            local groups = { "a", "a", "b", "b", "c", "c", "d", "d" }
            local result = kit.bootstrap(share, { groups = groups, resamples = 400 })
            assert(result.value == 0.75 and result.low < 0.75 and result.high > 0.75 and result.high <= 1)
            assert(kit.bootstrap(share, { groups = groups, resamples = 400 }).low == result.low)
            local failed, why = pcall(kit.bootstrap, function() return "much" end, { groups = groups })
            assert(not failed and tostring(why):find("the statistic must be a number or nil", 1, true), tostring(why))
            failed, why = pcall(kit.bootstrap, function() error("on purpose") end, { groups = groups })
            assert(not failed and tostring(why):find("on purpose", 1, true))
            """)
    }

    @Test func mixupMixesClipsWithTheirTargets() throws {
        let folder = Fixtures.repository.path
        try run(
            """
            package.path = "\(folder)/scripts/lib/?.lua"
            local labels = require "labels"
            local mix, targets = labels.mixup({ 1, 2, 3, 1 }, 3, 0.4, kit.random { seed = 4 })
            assert(targets:shape()[1] == 4 and math.abs(targets:sum():item() - 4) < 1e-5)
            local x = kit.tensor.one_hot { labels = { 1, 2, 3, 1 }, classes = 3 }
            assert((mix(x) - targets):abs():max():item() < 1e-6)
            local own = targets:max():item()
            assert(own > 0 and own <= 1)
            local _, several = labels.mixup({ { 1, 0 }, { 1, 1 } }, 2, 1, kit.random { seed = 4 })
            assert(several:shape()[2] == 2)
            assert(kit.loss.cross_entropy {}(kit.tensor.normal { 4, 3 }, targets):item() > 0)
            """)
    }

    /// The loss of a batch that is cut into shards is that of the whole batch, class weights and lengths included.
    @Test func lossesAreOfTheWholeBatchInShards() throws {
        let recipe = """
            local task = kit.dataset.manifest { path = "samples/movies/labels.jsonl", label = "manner", folds = 4 }
            local films = kit.dataset.films {
              path = task, video = false, tracks = { sound = "original" }, pad = true, seconds = 1, jitter = false,
            }
            local layer = kit.layer
            local net = layer.chain { layer.global_mean {}, layer.linear { 2, 4 } }
            local frames = layer.linear { 96 * 2, 4 }
            local weighted = kit.loss.cross_entropy { class_weights = { 1, 7, 0.5, 2 }, label_smoothing = 0.1 }
            local ctc, several = kit.loss.ctc { blank = 4 }, kit.loss.binary_cross_entropy { positive_weight = 3 }
            local result = kit.train {
              name = "shards", modules = { net = net, frames = frames }, shards = SHARDS, steps = 3,
              data = films:batches(kit.sampler.class_balanced { label = "class", batch = 6 }),
              optimizer = kit.optimizer.sgd { learning_rate = 0.01 },
              step = function(batch)
                local scores, sound = net(batch.sound), batch.sound
                local shape = sound:shape()
                local symbols, targets = {}, {}
                for row, class in ipairs(batch.classes) do
                  symbols[row] = { math.min(class, 3), 2 }
                  targets[row] = { class == 1 and 1 or 0, class == 2 and 1 or 0, 1, 0 }
                end
                return {
                  class = weighted(scores, batch.classes), several = several(scores, targets),
                  words = ctc(frames(sound:reshape { shape[1], shape[2], -1 } * 0.1), symbols),
                }
              end,
            }
            return result.terms.class, result.terms.several, result.terms.words
            """
        try Fixtures.withTemporaryFolder { folder in
            func terms(_ shards: Int) throws -> [Double] {
                let session = Session()
                session.settings = RunSettings(runsFolder: "\(folder.path)/\(shards)", progress: .none, verbosity: -1)
                return try session.run {
                    try LuaState().run(
                        chunk: "kit.recipe { seed = 3 }\n"
                            + recipe.replacingOccurrences(of: "SHARDS", with: "\(shards)"))
                }.map { try Double(option: $0) }
            }
            let whole = try terms(1)
            #expect(whole.count == 3 && whole.allSatisfy { $0.isFinite && $0 > 0 })
            for shards in [2, 3, 6] {
                for (value, expected) in zip(try terms(shards), whole) {
                    #expect(abs(value - expected) < 1e-4 * expected, "\(shards) shards: \(value), \(expected)")
                }
            }
        }
    }

    @Test(arguments: [
        ("net:freeze()", "no parameter of 'modules' is to be trained: all are frozen"),
        ("net = kit.layer.linear { 2, 0 }", "option 'widths' must be { in, out }, each 1 to"),
        ("classes = 9", "cross_entropy: the label of row 1 must be a class from 1 to 4, but is integer 9"),
    ])
    func whatCannotLearnIsNamed(change: String, words: String) throws {
        let recipe = """
            local task = kit.dataset.manifest { path = "samples/movies/labels.jsonl", label = "manner", folds = 4 }
            local films = kit.dataset.films {
              path = task, video = false, tracks = { sound = "original" }, pad = true, seconds = 1,
            }
            local net, classes = kit.layer.chain { kit.layer.global_mean {}, kit.layer.linear { 2, 4 } }, nil
            \(change)
            kit.train {
              name = "bad", modules = { net = net }, steps = 1, optimizer = kit.optimizer.sgd {},
              data = films:batches(kit.sampler.uniform { batch = 2 }),
              step = function(batch)
                return kit.loss.cross_entropy {}(net(batch.sound), classes and { classes, 1 } or batch.classes)
              end,
            }
            """
        try Fixtures.withTemporaryFolder { folder in
            let session = Session()
            session.settings = RunSettings(runsFolder: folder.path, progress: .none, verbosity: -1)
            let error = #expect(throws: KitError.self) { try session.run { try LuaState().run(chunk: recipe) } }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    /// `batch.sound` is the only track; a run's clips and modules are the start of another training.
    @Test func whatARunLeavesIsTakenUp() throws {
        let recipe = """
            local films = kit.dataset.films {
              path = "samples/movies", video = false, tracks = { sound = "en" }, seconds = 1, mel = "v2", mel_mean = -30,
            }
            local encoder, head = kit.encoder.small_audio { channels = 1 }, kit.layer.linear { 256, 3 }
            local result = kit.train {
              name = "left", modules = { audio = encoder, head = head }, steps = 1, optimizer = kit.optimizer.sgd {},
              data = films:batches(kit.sampler.uniform { batch = 2 }),
              step = function(batch) return (head(encoder(batch.sound)) ^ 2):mean() end,
            }
            local run = kit.trained { path = result.folder }
            local clips = run.clips
            assert(clips.seconds == 1 and not clips.video and clips.mel_mean == -30 and clips.mel.mono)
            clips.path, clips.tracks = "samples/movies", { sound = "en" }
            local again = kit.dataset.films(clips):evaluation():clip(1).sound
            assert((again - films:evaluation():clip(1).sound):abs():max():item() == 0)
            local other = kit.layer.linear { 256, 3 }
            assert((run:load("head", other).weight - head.weight):abs():max():item() == 0)
            assert(#encoder:parameter_names() > 3 and encoder:parameter_names()[1]:find "^stem")
            assert(head.weight.trained and not head:freeze().weight.trained)
            local ok, message = pcall(function() return run:load("haed", other) end)
            assert(not ok, message)
            ok, message = pcall(function() return kit.dataset.films { path = "samples/movies", video = false }:clip(1).sound end)
            assert(not ok and tostring(message):find("its clips have several tracks", 1, true), tostring(message))
            ok, message = pcall(kit.trained, { path = "a.safetensors", best = true })
            assert(not ok and tostring(message):find("option 'best' is for a run", 1, true), tostring(message))
            """
        try Fixtures.withTemporaryFolder { folder in
            let session = Session()
            session.settings = RunSettings(runsFolder: folder.path, progress: .none, verbosity: -1)
            _ = try session.run { try LuaState().run(chunk: recipe) }
        }
    }

    @Test func transcriptsComeFromLabelsAndTextFiles() throws {
        try Fixtures.withTemporaryFolder { folder in
            for name in ["a", "b", "c"] { try SoundFiles.write("\(folder.path)/in/\(name).wav", seconds: 0.3) }
            try SoundFiles.write("\(folder.path)/in/a.txt", text: "The cat sat.\n")
            try SoundFiles.write("\(folder.path)/in/b.txt", text: " \n")
            func items(_ options: String) throws -> [OptionValue] {
                try run("return kit.dataset.transcripts { path = '\(folder.path)/in', \(options) }")
            }
            for (options, words) in [
                ("", "its transcript is empty (missing = \"skip\" leaves it out)"),
                ("missing = 'skpi'", "did you mean 'skip'?"),
            ] {
                let error = #expect(throws: KitError.self) { try items(options) }
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
            let kept = try run(
                """
                local items = kit.dataset.transcripts { path = '\(folder.path)/in', missing = "skip" }
                return #items, items[1].id, items[1].text, items[1].split
                """)
            #expect(kept[0].optionText == "1" && kept[1].optionText == "\"a\"" && kept[3].optionText == "nil")
            try SoundFiles.write(
                "\(folder.path)/in/manifest.jsonl",
                text: """
                    {"path": "a.wav", "split": "train", "original": "eng", "labels": {"text": "plain"}}
                    {"path": "b.wav", "split": "held_out", "original": "eng", "labels": {"text": {"eng": "one", "spa": "uno"}}}
                    {"path": "c.wav", "split": "train", "labels": {"text": [{"text": {"en": "first"}}, {"text": "second"}]}}

                    """)
            let texts = try run(
                """
                local items = kit.dataset.transcripts { path = '\(folder.path)/in', language = "en" }
                return items[1].text, items[2].text, items[3].text, items[2].split
                """)
            #expect(texts.map(\.optionText) == ["\"plain\"", "\"one\"", "\"first second\"", "\"held_out\""])
            let error = #expect(throws: KitError.self) { try items("language = 'ja'") }
            #expect(
                error?.message.contains("label 'text' has no text in ja (it has: eng, spa)") == true,
                "\(error?.message ?? "")")
        }
    }
}
