import Foundation
import Kit
import TestSupport
import Testing

/// Training on tar files, as users start it.
@Suite(.serialized) struct TarTrainingTests {
    private let recipe = """
        local kit = require 'kit'
        local cfg = kit.recipe {
          data = { '', 'the sounds', from = 'ours' }, buffer = { 0, 'of the sampler; 0 for uniform', from = 'ours' },
          mark = { '', 'a file to write in step 40', from = 'ours' },
        }
        local sounds = kit.dataset.films { path = cfg.data, video = false, held_out = 0, seconds = 0.25, tracks = { sound = 'und' } }
        local encoder = kit.encoder.small_audio { features = 8 }
        local rule = cfg.buffer == 0 and kit.sampler.uniform { batch = 4 }
          or kit.sampler.shuffle_buffer { batch = 4, buffer = cfg.buffer, streams = 2 }
        local steps = 0
        kit.train {
          name = 'tar', data = sounds:batches(rule), modules = { audio = encoder }, optimizer = kit.optimizer.sgd {}, steps = 60,
          step = function(batch)
            steps = steps + 1
            if steps == 40 and cfg.mark ~= '' then kit.write_text { path = cfg.mark, text = 'here' } end
            local features = encoder(batch.audio.sound)
            return (features * features):mean()
          end,
        }
        """

    private func withSounds(_ body: (URL) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for index in 0..<12 {
                try SoundFiles.write(
                    "\(folder.path)/sounds/\(index).wav", seconds: 1 + 0.1 * Double(index),
                    pitch: 200 + 90 * Double(index))
            }
            try SoundFiles.write("\(folder.path)/recipe.lua", text: recipe)
            let packed = try Command.run([
                "data", "pack", "\(folder.path)/sounds", "-o", "\(folder.path)/packed", "--samples", "3", "--seed", "5",
            ])
            try #require(packed.status == 0, "\(packed.errors)")
            #expect(packed.output.hasPrefix("\(folder.path)/packed: 12 samples in 4 tar files, "))
            try body(folder)
        }
    }

    private func words(_ folder: URL, _ name: String, _ data: String, _ more: [String]) -> [String] {
        ["run", "\(folder.path)/recipe.lua", "data=\(folder.path)/\(data)"] + more
            + ["--runs", "\(folder.path)/\(name)", "--progress", "none"]
    }

    private func files(_ folder: URL, _ name: String) throws -> RunFiles {
        let runs = "\(folder.path)/\(name)/tar"
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).max())
        return try RunFiles("\(runs)/\(run)")
    }

    /// The order of sources differs, so that of random batches does, but not the sounds: a packed folder in the order of its
    /// names trains the same bits.
    @Test func packedSoundsTrainTheSameBits() throws {
        try withSounds { folder in
            let packed = try Command.run(["data", "pack", "\(folder.path)/sounds", "-o", "\(folder.path)/plain"])
            try #require(packed.status == 0, "\(packed.errors)")
            for (name, data) in [("loose", "sounds"), ("packed", "plain")] {
                let outcome = try Command.run(words(folder, name, data, []))
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            #expect(try files(folder, "packed") == files(folder, "loose"))
        }
    }

    @Test func aStoppedRunIsResumedToTheBit() throws {
        try withSounds { folder in
            let whole = try Command.run(words(folder, "whole", "packed", ["buffer=7"]))
            #expect(whole.status == 0, "\(whole.errors)")
            let mark = "\(folder.path)/mark"
            let stopped = try Command(words(folder, "stopped", "packed", ["buffer=7", "mark=\(mark)"]))
            stopped.waitForFile(mark)
            stopped.send(SIGUSR1)
            #expect(try stopped.wait().status == 75)
            let resumed = try Command.run(
                words(folder, "stopped", "packed", ["buffer=7", "mark=\(mark)", "--resume", "auto"]))
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(try files(folder, "stopped") == files(folder, "whole"))
        }
    }

    @Test(.enabled(if: Launcher.isThere)) func processesShareTarFiles() throws {
        try withSounds { folder in
            for ranks in [1, 2] {
                let run = words(folder, "\(ranks)", "packed", ["buffer=7", "--shards", "2"])
                let outcome = try Launcher.start(ranks, run).wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            #expect(try files(folder, "2") == files(folder, "1"))
        }
    }
}
