import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// `dubkit weights`, and `dubkit embed` with the files that it writes.
@Suite(.serialized) struct WeightsCommandTests {
    /// A tower with the names of the released models, in a file of `torch.save`.
    @Test func aReleasedTowerBecomesFeatures() throws {
        try Fixtures.withTemporaryFolder { folder in
            let plugin = try PluginRegistry.shared.make(
                kind: "encoder", name: "mvitv2",
                options: Options(named: [("modality", .string("audio")), ("overlap", .bool(true))]))
            let module = try #require(try plugin.construct() as? Module)
            let (file, out) = ("\(folder.path)/released.pt", "\(folder.path)/towers")
            try TorchFiles.save(
                try module.stateEntries().map { ("backbone.net.audio.\($0.name)", try $0.stored($0.tensor)) }, to: file)

            let shown = try Command.run(["weights", "show", file])
            #expect(shown.status == 0, "\(shown.errors)")
            #expect(shown.output.hasPrefix("model.backbone.net.audio.  kit.encoder.mvitv2 { "))
            #expect(shown.output.contains("size = \"s\", modality = \"audio\", overlap = true, channels = 1"))
            #expect(shown.output.contains("blocks.15.attn.rel_pos_h              F32  [11, 96]"))

            let converted = try Command.run(["weights", "convert", file, "--out", out])
            #expect(converted.status == 0, "\(converted.errors)")
            let tower = "\(out)/audio.safetensors"
            #expect(converted.output.hasPrefix("\(tower)  kit.encoder.mvitv2"))
            let read = try TrainedRun(encoderFiles: [tower])
            #expect(read.encoders.map(\.name) == ["audio"] && !read.encoders[0].isVideo)
            for (given, wanted) in zip(read.encoders[0].module.stateEntries(), module.stateEntries()) {
                #expect(given.name == wanted.name && given.tensor.values == wanted.tensor.values, "\(wanted.name)")
            }
            #expect(read.clips.mel?.settings == .v2Mono && read.clips.seconds == 3)

            try SoundFiles.write("\(folder.path)/sounds/a.wav", seconds: 4.8, pitch: 440)
            let embedded = try Command.run([
                "embed", "\(folder.path)/sounds", "--encoder", tower, "--out", "\(folder.path)/features", "--rows",
                "clip",
                "-q",
            ])
            #expect(embedded.status == 0, "\(embedded.errors)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/features/audio.npy"))
            #expect(String(decoding: bytes.prefix(128), as: UTF8.self).contains("(2, 768"))
        }
    }

    /// Weights for another size of input have longer tables of relative positions.
    @Test func tablesOfAnotherLengthAreInterpolatedIfAsked() throws {
        try Fixtures.withTemporaryFolder { folder in
            let plugin = try PluginRegistry.shared.make(
                kind: "encoder", name: "mvitv2", options: Options(named: [("modality", .string("audio"))]))
            let module = try #require(try plugin.construct() as? Module)
            let (file, out) = ("\(folder.path)/longer.safetensors", "\(folder.path)/towers")
            try SafetensorsWriter.write(
                try module.stateEntries().map { entry in
                    let stored = try entry.stored(entry.tensor)
                    let isTable = entry.name.contains("rel_pos")
                    return .init(
                        "audio.\(entry.name)", isTable ? try stored.resampledRows(stored.shape[0] + 6) : stored)
                }, to: file)
            let refused = try Command.run(["weights", "convert", file, "--out", out])
            #expect(refused.status == 78 && refused.errors.contains("--interpolate-positions"), "\(refused.errors)")
            #expect(!FileManager.default.fileExists(atPath: "\(out)/audio.safetensors"))
            let converted = try Command.run(["weights", "convert", file, "--out", out, "--interpolate-positions"])
            #expect(converted.status == 0, "\(converted.errors)")
            let tower = "\(out)/audio.safetensors"
            let read = try TrainedRun(encoderFiles: [tower]).encoders[0].module
            #expect(read.stateEntries().map(\.storedShape) == module.stateEntries().map(\.storedShape))

            // Words are read off its tokens, and the result is next to the weights, which stay as they are.
            let before = try Data(contentsOf: URL(fileURLWithPath: tower))
            for index in 0..<3 {
                try SoundFiles.write("\(folder.path)/in/\(index).wav", seconds: 2, pitch: 300)
                try SoundFiles.write("\(folder.path)/in/\(index).txt", text: "one two")
            }
            let words = try Command.run(
                ["run", "scripts/evaluate/words.lua", "--progress", "none"]
                    + ["run=\(tower)", "data=\(folder.path)/in", "language=", "epochs=1", "hidden=4"])
            #expect(words.status == 0 && words.output.contains("word_error_rate"), "\(words.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: tower)) == before)
            #expect(try ResultLine.read("\(out)/results.jsonl").map(\.metric) == ["word_error_rate"])
        }
    }

    @Test func wrongFilesAndOptionsAreExplained() throws {
        try Fixtures.withTemporaryFolder { folder in
            let plain = "\(folder.path)/plain.safetensors"
            try SafetensorsWriter.write([.init("weight", .ones([2]))], to: plain)
            for (words, status, message) in [
                (
                    ["weights", "convert", plain, "--out", "\(folder.path)/out"], 65,
                    "has no weights of a known encoder (there are: mvitv2)"
                ),
                (
                    ["embed", folder.path, "--encoder", plain, "--out", "\(folder.path)/out"], 65,
                    "does not say which encoder it belongs to: write it with 'dubkit weights convert'"
                ),
                (["embed", folder.path, "--out", "\(folder.path)/out"], 64, "give either '--run' or '--encoder'"),
                (
                    ["embed", folder.path, "--encoder", plain, "--step", "3", "--out", "\(folder.path)/out"], 64,
                    "option '--step' is for the checkpoints of '--run'"
                ),
                (["weights", "show", "\(folder.path)/none.pt"], 66, "No such file or directory"),
                (["weights", "show", folder.path], 65, "it is not a regular file"),
            ] as [([String], Int32, String)] {
                let outcome = try Command.run(words)
                #expect(outcome.status == status && outcome.errors.contains(message), "\(words): \(outcome.errors)")
            }
        }
    }

    @Test func weightsOfAnotherSizeNameTheNearest() throws {
        func message(blocks: Int, kernel: Shape) -> String? {
            let file = Shapes(
                (0..<blocks).map { ("net.blocks.\($0).norm1.weight", [96]) } + [("net.patch_embed.proj.weight", kernel)]
            )
            return #expect(throws: KitError.self) { try WeightTower.all(in: file) }?.message
        }
        #expect(
            message(blocks: 22, kernel: [96, 1, 7, 9])
                == "shapes: the tensors below 'net.': mvitv2 has 16 blocks (s) or 24 (b), but these weights have 22: the "
                + "nearest is b")
        #expect(message(blocks: 16, kernel: [96, 1, 7, 8])?.contains("has the unknown shape [96, 1, 7, 8]") == true)
        #expect(message(blocks: 16, kernel: [96, 7])?.contains("must have 4 axes (audio) or 5 (video)") == true)
    }

    /// A file of which only names and shapes matter.
    private final class Shapes: TensorFile {
        let path = "shapes"
        let entries: [(name: String, shape: Shape)]
        init(_ entries: [(name: String, shape: Shape)]) { self.entries = entries }
        var names: [String] { entries.map(\.name) }
        func type(_ name: String) throws -> ElementType { .f32 }
        func shape(_ name: String) throws -> Shape { try #require(entries.first { $0.name == name }?.shape) }
        func tensor(_ name: String) throws -> Tensor { .zeros(try shape(name)) }
    }
}
