import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Features with frames or tokens instead of one vector for each row.
@Suite(.serialized) struct FrameFeatureTests {
    private static func encoder(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws
        -> TrainedRun.Encoding
    {
        WeightSeed.reset(11)
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: name, options: Options(named: options))
        return try .init(name: "audio", module: try #require(try plugin.construct() as? Module))
    }

    private static func clips() throws -> ClipSettings {
        var (settings, mel) = (ClipSettings(), LogMel.Settings())
        (mel.sampleRate, mel.fftSize, mel.hop, mel.mels, mel.highest) = (16000, 512, 125, 32, 8000)
        (settings.seconds, settings.mel) = (1, try LogMel(mel))
        return settings
    }

    /// Sounds of 0.5 s (half of the clip is padding), 2 s (two clips) and 2.75 s (a third clip that begins at 1.75 s).
    private static func withSounds(_ body: (URL, [ClipSource]) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for (index, seconds) in [0.5, 2, 2.75].enumerated() {
                try SoundFiles.write("\(folder.path)/in/\(index).wav", seconds: seconds, pitch: 300 * Double(index + 1))
            }
            try body(folder, try Manifest.read("\(folder.path)/in"))
        }
    }

    private static func extraction(
        _ sources: [ClipSource], _ encoder: TrainedRun.Encoding, _ axis: FeatureFrames?, layer: String? = nil
    ) throws -> FeatureExtraction {
        let clips = try clips()
        let chosen = try axis.map { try encoder.frameFeatures(of: layer, $0, clips: clips) } ?? encoder
        return FeatureExtraction(sources, clips: clips, encoders: [chosen], fingerprint: "fresh")
    }

    @Test func framesOfASourceFollowItsTime() throws {
        try Self.withSounds { folder, sources in
            let extraction = try Self.extraction(sources, Self.encoder("mean_log_mel", [("mels", .int(32))]), .time)
            let set = try #require(try extraction.run().first)
            let frames = try #require(set.frames)
            let whole = frames[1] / 2
            // 1 s of 125 samples a frame, all frames inside; half of them; and three quarters of the third clip.
            #expect(whole == 124 && frames == [62, 248, 248 + 93] && set.values.shape == [651, 64])
            let own = try set.frames(of: ["2", "0"])
            #expect(own.map(\.shape) == [[341, 64], [62, 64]])

            // The mean over the frames of whole clips is that of the encoder itself.
            let means = try #require(
                try Self.extraction(sources, Self.encoder("mean_log_mel", [("mels", .int(32))]), nil).run().first)
            let pooled = try set.pooled(.mean)
            #expect(pooled.frames == nil && pooled.ids == set.ids)
            let difference = try (pooled.rows(["1"]) - means.rows(["1"]).slice(axis: 1, 0..<64)).abs().max().item()
            #expect(difference < 1e-4)
            let both = try set.pooled(.meanMax).rows(["0"])
            #expect(
                try both.shape == [1, 128]
                    && both.slice(axis: 1, 64..<128).values == set.pooled(.max).rows(["0"]).values)
            #expect(try set.pooled(.max).rows(["0"]).values == own[1].max([0]).values)

            // On disk and back.
            try extraction.write(to: "\(folder.path)/out")
            let read = try #require(try FeatureFolder.read("\(folder.path)/out").first)
            #expect(read.frames == frames && read.values.values == set.values.values && read.ids == set.ids)
            var facts = try String(contentsOfFile: "\(folder.path)/out/ids.json", encoding: .utf8)
            facts = facts.replacingOccurrences(of: "62,", with: "-62,").replacingOccurrences(of: "62\n", with: "-62\n")
            try facts.write(toFile: "\(folder.path)/out/ids.json", atomically: true, encoding: .utf8)
            #expect(throws: KitError.self) { try FeatureFolder.read("\(folder.path)/out") }

            // Clips of their own.
            var clips = extraction
            clips.unit = .clip
            let apart = try #require(try clips.run().first)
            #expect(apart.ids.count == 6 && apart.frames == [62, 124, 124, 124, 124, 93])
            let error = #expect(throws: KitError.self) { try set.rows(["0"]) }
            #expect(error?.message.contains("choose one vector for each row with pool(\"mean\")") == true)
        }
    }

    @Test func mapsAndTokensAreFrames() throws {
        try Self.withSounds { _, sources in
            let audio = try Self.encoder("small_audio")
            let last = try #require(try Self.extraction(sources, audio, .time).run().first)
            let early = try #require(try Self.extraction(sources, audio, .time, layer: "blocks%.0").run().first)
            #expect(last.values.shape[1] == 256 && early.values.shape[1] == 64)
            #expect(early.frames![1] > 3 * last.frames![1])
            let tokens = try #require(try Self.extraction(sources, audio, .tokens).run().first)
            // 32 bands become 2 by four strides of 2.
            #expect(tokens.values.shape[1] == 256 && tokens.frames![1] == 2 * last.frames![1])
            // The mean over time of the last map is the encoder's output, of a source of whole clips.
            let plain = try #require(try Self.extraction(sources, audio, nil).run().first)
            #expect(try (last.pooled(.mean).rows(["1"]) - plain.rows(["1"])).abs().max().item() < 1e-4)
        }
    }

    /// Tokens of transformers: a moment is the mean over frequency, and what is left out of a clip are its moments.
    @Test func tokensFollowTime() throws {
        try Self.withSounds { _, sources in
            let vit = try Self.encoder(
                "vit",
                [("modality", .string("audio")), ("size", .string("ti")), ("mels", .int(32)), ("channels", .int(2))])
            let tokens = try #require(try Self.extraction(sources, vit, .tokens).run().first)
            let time = try #require(try Self.extraction(sources, vit, .time).run().first)
            // A clip has two class tokens, and 2 x 11 patches along frequency and time. The first sound has 6 of these
            // moments, the third clip of the last one 8.
            #expect(time.frames == [6, 22, 30] && tokens.frames == [2 + 12, 48, 48 + 2 + 16])
            let (own, means) = (try tokens.frames(of: ["1"])[0], try time.frames(of: ["1"])[0])
            for (clip, moment) in [(0, 0), (0, 10), (1, 4)] {
                let first = clip * 24 + 2 + moment
                let wanted =
                    try
                    (own.slice(axis: 0, first..<first + 1)
                    + own.slice(axis: 0, first + 11..<first + 12)) / Tensor(2)
                let row = clip * 11 + moment
                #expect(try relativeError(means.slice(axis: 0, row..<row + 1), wanted) < 1e-6)
            }
            let map = try Self.extraction(
                sources, vit, .time, layer: "embeddings%.patch_embeddings%.projection"
            ).run().first
            #expect(map?.frames == [6, 22, 30])

            let mvit = try Self.encoder("mvitv2", [("modality", .string("audio")), ("channels", .int(2))])
            let one = Array(sources[1...1])
            // 8 x 16 patches; blocks 1, 3 and 14 halve both axes.
            let first = try #require(try Self.extraction(one, mvit, .time, layer: "blocks%.0").run().first)
            let last = try #require(try Self.extraction(one, mvit, .time).run().first)
            #expect(first.frames == [32] && last.frames == [4] && last.values.shape == [4, 768])
            let error = #expect(throws: KitError.self) {
                try Self.extraction(one, mvit, .time, layer: "blocks%.1%.attn%.norm_q")
            }
            #expect(error?.message.contains("tokens whose places in time are not known") == true)
        }
    }

    /// Items whose class is in one of twelve frames, which the mean drowns in noise and attention finds.
    private static func task(_ count: Int = 160) throws -> (LabelledDataset, FeatureSet) {
        let items = (0..<count).map { index in
            LabelledItem(id: "item \(index)", path: nil, labels: ["class \(index % 2)"], split: "fold\(index / 2 % 4)")
        }
        let values = Pattern.tensor("frames", [count * 12, 6])
        for item in 0..<count {
            let frame = values.pointer + (item * 12 + item * 7 % 12) * 6
            (frame[0], frame[1 + item % 2]) = (4, 4)
        }
        let ids = items.map(\.id)
        return (
            try LabelledDataset("task", items),
            try FeatureSet(
                view: "audio", ids: ids, films: ids, values: values, frames: Array(repeating: 12, count: count),
                encoder: "run")
        )
    }

    private static func score(_ pooling: String, probe: String, _ data: LabelledDataset, _ set: FeatureSet) throws
        -> Double
    {
        func plugin(_ kind: String, _ name: String) throws -> OptionValue {
            .object(try PluginRegistry.shared.make(kind: kind, name: name, options: Options()))
        }
        let made = try PluginRegistry.shared.make(
            kind: "evaluate", name: "probe",
            options: Options(named: [
                ("data", .object(data)), ("features", .list([.object(set)])), ("probe", try plugin("probe", probe)),
                ("metrics", .list([try plugin("metric", "top1")])), ("resamples", .int(0)),
                ("pooling", .string(pooling)),
            ]))
        let report = try #require(made as? any Evaluation).evaluate()
        return try #require(report.results.first { $0.name == "top1/value" }).value
    }

    @Test func probesPoolFrames() throws {
        let (data, set) = try Self.task()
        for probe in ["linear", "knn"] {
            let scores = Dictionary(
                uniqueKeysWithValues: try ["mean", "max", "mean_max", "attention"].map {
                    ($0, try Self.score($0, probe: probe, data, set))
                })
            #expect(scores["max"]! > 0.95 && scores["attention"]! > 0.95, "\(probe) \(scores)")
            #expect(scores["mean"]! < scores["attention"]!, "\(probe) \(scores)")
        }
        #expect(
            try Self.score("attention", probe: "linear", data, set)
                == Self.score("attention", probe: "linear", data, set))
        // Features without frames are one vector, whatever the pooling.
        let plain = try set.pooled(.max)
        #expect(
            try Self.score("attention", probe: "linear", data, plain) == Self.score("max", probe: "linear", data, set))
    }
}
