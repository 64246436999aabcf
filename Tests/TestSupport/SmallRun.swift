import Foundation
import Testing

/// A run of a small sound encoder on a few sounds.
public enum SmallRun {
    /// Trains it in a folder that `body` gets, next to the sounds.
    ///
    /// - Parameters:
    ///   - encoder: the encoder, as the recipe writes it.
    ///   - definitions: what the recipe defines before.
    ///   - sounds: the number of sounds, of one second each, in the folder `sounds`.
    ///   - steps: the number of steps, with a checkpoint of each.
    public static func with(
        encoder: String = "kit.encoder.small_audio { features = 8 }", definitions: String = "", sounds: Int, steps: Int,
        _ body: (_ folder: URL, _ run: String) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            for index in 0..<sounds {
                try SoundFiles.write("\(folder.path)/sounds/\(index).wav", seconds: 1, pitch: 300 + 100 * Double(index))
            }
            let recipe = """
                local kit = require 'kit'
                local sounds = kit.dataset.films { path = '\(folder.path)/sounds', video = false, held_out = 0, seconds = 0.5 }
                \(definitions)
                local encoder = \(encoder)
                kit.train {
                  name = 'small', data = sounds:batches(kit.sampler.uniform { batch = 2 }), modules = { audio = encoder },
                  optimizer = kit.optimizer.sgd {}, steps = \(steps), checkpoint_every = 1,
                  step = function(batch)
                    local features = encoder(batch.audio.und)
                    return (features * features):mean()
                  end,
                }
                """
            try SoundFiles.write("\(folder.path)/recipe.lua", text: recipe)
            let runs = "\(folder.path)/runs"
            let outcome = try Command.run(["run", "\(folder.path)/recipe.lua", "--runs", runs, "--progress", "none"])
            try #require(outcome.status == 0, "\(outcome.errors)")
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(runs)/small").max())
            try body(folder, "\(runs)/small/\(name)")
        }
    }
}
