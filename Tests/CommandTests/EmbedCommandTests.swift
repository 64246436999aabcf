import Foundation
import Kit
import TestSupport
import Testing

/// `dubkit embed` on a run whose newest checkpoint is damaged, and in a folder where another process embeds.
@Suite(.serialized) struct EmbedCommandTests {
    /// A run of two steps with a checkpoint of each, in a folder that `body` gets, next to four sounds.
    private func withRun(_ body: (_ folder: URL, _ run: String) throws -> Void) throws {
        try SmallRun.with(sounds: 4, steps: 2, body)
    }

    @Test func aDamagedCheckpointIsSkippedWithAWarning() throws {
        try withRun { folder, run in
            let weights = URL(fileURLWithPath: "\(run)/checkpoints/step-2/model.safetensors")
            try Data(contentsOf: weights).dropLast().write(to: weights)
            let warning = "warning: \(run): checkpoint step-2 is damaged and skipped: model.safetensors has"
            let words = ["embed", "\(folder.path)/sounds", "--run", run, "--out", "\(folder.path)/out", "-q"]
            let outcome = try Command.run(words)
            #expect(outcome.status == 0 && outcome.errors.contains(warning), "\(outcome.errors)")
            try SoundFiles.write(
                "\(folder.path)/trained.lua",
                text: "print(require 'kit'.trained { path = '\(run)' }.fingerprint)\n")
            let trained = try Command.run(["run", "\(folder.path)/trained.lua", "-q"])
            #expect(trained.status == 0 && trained.errors.contains(warning), "\(trained.errors)")
            #expect(trained.output.contains(" step 1 sha256:"), "\(trained.output)")
        }
    }

    @Test func viewsAreOneOfEachAtLeast() throws {
        try withRun { folder, run in
            let words = ["embed", "\(folder.path)/sounds", "--run", run, "--out", "\(folder.path)/out", "--views"]
            for (views, message) in [
                (",", "The value ',' is invalid for '--views <views>'"), ("audio,", "is invalid for '--views <views>'"),
                ("audio,audio", "--views names 'audio' twice"),
            ] {
                let outcome = try Command.run(words + [views])
                #expect(outcome.status == 64 && outcome.errors.contains(message), "\(views): \(outcome.errors)")
            }
            let recipe = "\(folder.path)/embed.lua"
            let encoder = "kit.encoder.small_audio { features = 8 }"
            try SoundFiles.write(
                recipe,
                text: "kit = require 'kit'\n"
                    + "kit.embed { data = '\(folder.path)/sounds', encoders = { audio = \(encoder) }, views = {} }\n")
            let outcome = try Command.run(["run", recipe])
            #expect(outcome.status == 64 && outcome.errors.contains("option 'views' is empty"), "\(outcome.errors)")
        }
    }

    /// Messages name the flags that were given, not the options of kit.embed.
    @Test func messagesNameFlags() throws {
        try withRun { folder, run in
            for (words, message) in [
                (["--window", "100"], "--window must be 0.01 to 60 s, but is 100.0"),
                (["--views", "nope"], "--views: there is no encoder 'nope' (there are: audio)"),
                (["--layer", "nope"], "--layer: 'audio': small_audio"),
            ] {
                let outcome = try Command.run(
                    ["embed", "\(folder.path)/sounds", "--run", run, "--out", "\(folder.path)/features"] + words)
                #expect(outcome.status == 64 && outcome.errors.hasPrefix("dubkit: \(message)"), "\(outcome.errors)")
            }
        }
    }

    @Test func aModelThatLacksItsSoundIsRefused() throws {
        try withRun { folder, run in
            let file = URL(fileURLWithPath: "\(run)/model.json")
            var model = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            var clips = try #require(model["clips"] as? [String: Any])
            #expect(clips.removeValue(forKey: "mel") != nil)
            model["clips"] = clips
            try JSONSerialization.data(withJSONObject: model).write(to: file)
            let outcome = try Command.run(
                ["embed", "\(folder.path)/sounds", "--run", run, "--out", "\(folder.path)/out"])
            #expect(outcome.status == 64, "\(outcome.errors)")
            #expect(outcome.errors.contains("the run was trained without sound, so it cannot be embedded"))
        }
    }

    @Test func oneProcessAtATimeWritesAFolder() throws {
        try withRun { folder, run in
            let out = "\(folder.path)/out"
            let words = ["embed", "\(folder.path)/sounds", "--run", run, "--out", out]
            try Folder.make(out)
            let other = try FileLock("\(out)/.lock", held: "")
            let outcome = try Command.run(words)
            withExtendedLifetime(other) {}
            #expect(outcome.status == 78)
            #expect(
                outcome.errors.hasSuffix("dubkit: features are being written to '\(out)' by another process\n"),
                "\(outcome.errors)")
            let report = try FileLock("\(folder.path)/report.lock", held: "")
            let second = try Command.run(["report", run, "--out", "\(folder.path)/report"])
            withExtendedLifetime(report) {}
            #expect(second.status == 78 && second.errors.contains("is being written by another process"))
        }
        // Two that begin at once: whichever comes second is refused or finds all done.
        try withRun { folder, run in
            let out = "\(folder.path)/out"
            let words = [
                "embed", "\(folder.path)/sounds", "--run", run, "--out", out, "--batch", "1", "--rows", "clip",
            ]
            let both = try (0..<2).map { _ in try Command(words) }.map { try $0.wait() }
            #expect(both.contains { $0.status == 0 } && both.allSatisfy { [0, 78].contains($0.status) })
            #expect(try FeatureFolder.read(out)[0].ids.count == 8)
            #expect(try DiskFileSystem().names(in: out) == ["audio.npy", "ids.json"])
        }
    }
}
