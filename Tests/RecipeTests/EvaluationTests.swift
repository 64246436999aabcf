import Foundation
import Kit
import TestSupport
import Testing

/// From a run to figures, as a user would: train, embed, probe. One run of two steps serves all tests.
@Suite(.serialized) struct EvaluationTests {
    private static let trained: Result<URL, any Error> = Result {
        let runs = FileManager.default.temporaryDirectory.appendingPathComponent(
            "dubkit-evaluation-\(UUID().uuidString)")
        let outcome = try Command.run([
            "run", "scripts/pretrain/simclr_av.lua", "--runs", runs.path, "--progress", "none", "--set", "steps=2",
            "--set", "batch=4", "--set", "k=2",
        ])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return runs.appendingPathComponent("simclr_av")
    }

    /// Sounds of two classes that differ in pitch, in three folds, with their list.
    private static func writeTask(_ folder: URL) throws -> String {
        let rows = try (0..<36).map { index -> String in
            try SoundFiles.write("\(folder.path)/\(index).wav", pitch: index % 2 == 0 ? 300 : 3000)
            return "\(index).wav,\(index % 2 == 0 ? "low" : "high"),fold\(index % 3)"
        }
        let path = "\(folder.path)/list.csv"
        try SoundFiles.write(path, text: "path,label,split\n" + rows.joined(separator: "\n") + "\n")
        return path
    }

    @Test func embedWritesFeaturesOfFilms() throws {
        let run = try Self.trained.get().path
        try Fixtures.withTemporaryFolder { folder in
            let options = [
                "embed", "samples/movies/film-001.mp4", "--run", run, "--progress", "none", "--languages", "en",
            ]
            let both = try Command.run(options + ["--out", "\(folder.path)/both"])
            #expect(both.status == 0, "\(both.errors)")
            let sets = try FeatureFolder.read("\(folder.path)/both")
            #expect(sets.map(\.view) == ["audio", "video"] && sets[0].ids == ["film-001"])
            #expect(sets[0].encoder.contains(" step 2 sha256:"))
            let clips = try Command.run(
                options + ["--out", "\(folder.path)/five", "--views", "video", "--crops", "five", "--rows", "clip"])
            #expect(clips.status == 0, "\(clips.errors)")
            let five = try FeatureFolder.read("\(folder.path)/five")
            #expect(five.map(\.view) == ["video"] && five[0].ids.count == 5)
            // Other crops see other parts of the frame.
            let centre = sets[1].values.values, mean = try five[0].values.mean([0]).values
            #expect(zip(centre, mean).contains { abs($0 - $1) > 1e-4 })
            let archive = try Command.run(options + ["--out", "\(folder.path)/npz", "--format", "npz"])
            #expect(archive.status == 0 && FileManager.default.fileExists(atPath: "\(folder.path)/npz/features.npz"))
        }
    }

    @Test func probeScriptTellsPitchesApart() throws {
        let run = try Self.trained.get().path
        try Fixtures.withTemporaryFolder { folder in
            let list = try Self.writeTask(folder)
            for probe in ["linear", "knn"] {
                let outcome = try Command.run([
                    "run", "scripts/evaluate/probe.lua", "--progress", "none", "--set", "run=\(run)", "--set",
                    "path=\(list)", "--set", "probe=\(probe)", "--set", "out=\(folder.path)/features",
                ])
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.output.contains("list: \(probe) probe on audio, 2 classes, 36 test items in 3 folds"))
                #expect(outcome.output.contains("top1  1.0000  (1.0000 to 1.0000)"), "\(outcome.output)")
            }
            // The mean spectrum tells pitches apart without any training.
            let naive = try Command.run([
                "run", "scripts/evaluate/probe.lua", "--progress", "none", "--set", "run=\(run)", "--set",
                "path=\(list)",
                "--set", "encoder=mean_log_mel",
            ])
            #expect(naive.status == 0 && naive.output.contains("top1  1.0000"), "\(naive.errors)\(naive.output)")
            // So does the mean over its frames.
            let frames = [
                "run", "scripts/evaluate/probe.lua", "--progress", "none", "--set", "run=\(run)", "--set",
                "path=\(list)", "--set", "encoder=mean_log_mel", "--set", "pooling=mean_max",
            ]
            let pooled = try Command.run(frames + ["--set", "frames=time"])
            #expect(pooled.status == 0 && pooled.output.contains("top1  1.0000"), "\(pooled.errors)\(pooled.output)")
            let none = try Command.run(frames)
            #expect(none.status == 64 && none.errors.contains("key 'pooling' is mean_max, but there are no frames"))
        }
    }

    /// A task whose labels have times: the spectrum around each moment tells two tones apart.
    @Test func theRecipeFindsEvents() throws {
        let run = try Self.trained.get().path
        try Fixtures.withTemporaryFolder { folder in
            try EventFiles.write(folder.path)
            let outcome = try Command.run([
                "run", "scripts/evaluate/probe.lua", "--progress", "none", "--set", "run=\(run)", "--set", "task=hear",
                "--set", "path=\(folder.path)", "--set", "encoder=mean_log_mel", "--set", "window=0.2", "--set",
                "probe=knn", "--set", "results=\(folder.path)/results.jsonl",
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("tones: knn probe on audio, 2 classes, 2 test recordings in 1 fold"))
            let results = try String(contentsOfFile: "\(folder.path)/results.jsonl", encoding: .utf8)
            #expect(results.contains("event_onset_200ms_fms") && results.contains("segment_1s_er"))
            #expect(results.contains("\"lower_is_better\":true"), "\(results)")
        }
    }

    /// The encoder of a run may be a plugin's that this process has not loaded.
    @Test func anEncoderThatIsNotLoadedIsExplained() throws {
        let runs = try Self.trained.get()
        let newest = try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).first)
        try Fixtures.withTemporaryFolder { folder in
            let run = folder.appendingPathComponent("run")
            try FileManager.default.copyItem(at: runs.appendingPathComponent(newest), to: run)
            let model = run.appendingPathComponent("model.json")
            let text = try String(contentsOf: model, encoding: .utf8).replacing(
                "encoder.small_audio", with: "encoder.my_enc")
            try Data(text.utf8).write(to: model)
            let advice = "; plugin files are loaded by --plugin, DUBKIT_PLUGIN_PATH or kit.plugin.load"
            let embedded = try Command.run([
                "embed", "samples/movies/film-001.mp4", "--run", run.path, "--out", "\(folder.path)/features",
            ])
            #expect(embedded.status == 64, "\(embedded.errors)")
            #expect(
                embedded.errors.hasPrefix("dubkit: \(model.path): unknown encoder 'my_enc' (there are: ")
                    && embedded.errors.hasSuffix("\(advice)\n"), "\(embedded.errors)")
            let report = try Command.run(["report", run.path, "--clips", "4", "--examples", "1", "--progress", "none"])
            #expect(report.status == 0)
            #expect(
                report.errors.contains(": no maps and no retrieval examples: \(model.path): ")
                    && report.errors.contains("unknown encoder 'my_enc'") && report.errors.contains(advice),
                "\(report.errors)")
        }
    }

    @Test func theProbeAsksWhereItsTaskLies() throws {
        let outcome = try Command.run(["run", "scripts/evaluate/probe.lua", "task=esc50"])
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(
            outcome.errors.hasSuffix("set path=...: the folder or file of the dataset of task 'esc50'\n"),
            "\(outcome.errors)")
    }

    @Test(arguments: [
        ("--run", "/nowhere", 66, "/nowhere: there is no such run"),
        ("--views", "vidoe", 64, "there is no encoder 'vidoe': did you mean 'video'?"),
        ("--step", "9", 66, "has no checkpoint of step 9 (there are: 2)"),
        ("--languages", "de", 65, "no film has a sound track in de"),
        ("--batch", "0", 64, "--batch must be 1 to 1048576"),
    ])
    func wrongOptionsAreNamed(option: String, value: String, status: Int32, message: String) throws {
        let run = try Self.trained.get().path
        try Fixtures.withTemporaryFolder { folder in
            let options = ["embed", "samples/movies/film-001.mp4", "--out", folder.path]
            let given = option == "--run" ? [] : ["--run", run]
            let outcome = try Command.run(options + given + [option, value])
            #expect(outcome.status == status && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }

    /// The guide's recipes that `GuideTests` leaves out run, with the names that they take for granted replaced.
    @Test func guideRecipesRun() throws {
        let run = try Self.trained.get().path
        let recipes = try GuidePage("docs/guide/evaluate.md").samples.filter { $0.language == "lua" && $0.skip != nil }
        #expect(recipes.count == 4)
        try Fixtures.withTemporaryFolder { folder in
            let list = try Self.writeTask(folder)
            try EventFiles.write("\(folder.path)/tones")
            let path = "\(folder.path)/sample.lua"
            let rows = try FeatureSet(
                view: "video", ids: ["film-001:0.000", "film-001:3.000"], films: ["film-001", "film-001"],
                values: Tensor([1, 2, 3, 4], [2, 2]), encoder: "one")
            try FeatureFolder.write([rows], to: "\(folder.path)/crops")
            for recipe in recipes {
                let text = recipe.text.replacingOccurrences(of: "runs/simclr_av", with: run)
                    .replacingOccurrences(of: "features/crops", with: "\(folder.path)/crops")
                    .replacingOccurrences(of: "sounds/list.csv", with: list)
                    .replacingOccurrences(of: "tasks/dcase2016_task2-hear2021-full", with: "\(folder.path)/tones")
                    .replacingOccurrences(of: "samples/movies", with: "samples/movies/film-002.mkv")
                try SoundFiles.write(path, text: text)
                let outcome = try Command.run(["run", path, "--progress", "none"])
                #expect(outcome.status == 0, "line \(recipe.line): \(outcome.errors)")
            }
        }
    }

    /// The objective of the second version says which of its terms cannot be.
    @Test(arguments: [
        ("video_primary:audio_primary", "expected view:view:weight"),
        ("video:audio_primary:1", "there is no view 'video'"),
    ])
    func wrongPairsAreNamed(pair: String, message: String) throws {
        let outcome = try Command.run([
            "run", "scripts/pretrain/simclr_v2.lua", "--dry-run", "--set", "pairs=\(pair)", "--set", "batch=4", "--set",
            "k=2",
        ])
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
    }
}
