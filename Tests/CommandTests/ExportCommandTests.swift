import Foundation
import Kit
import TestSupport
import Testing

/// `dubkit export` and `kit.export`.
@Suite(.serialized) struct ExportCommandTests {
    private func withRun(_ body: (_ folder: URL, _ run: String) throws -> Void) throws {
        let definitions = """
            kit.define.encoder {
              name = 'own', help = 'A convolution: log-mel to [batch, 8].', input = 'log_mel',
              width = function() return 8 end,
              parts = function() return { stem = kit.layer.convolution { 2, 8, kernel = { 5, 5 }, stride = 4 } } end,
              forward = function(self, x) return self.stem(x):relu():mean { 2, 3 } end,
            }
            """
        try SmallRun.with(encoder: "kit.encoder.own {}", definitions: definitions, sounds: 2, steps: 1, body)
    }

    @Test func anEncoderOfARecipeIsExportedAndReadBack() throws {
        try withRun { folder, run in
            let (out, sounds) = ("\(folder.path)/out", "\(folder.path)/sounds")
            let exported = try Command.run(["export", run, "--out", out, "--format", "huggingface", "-q"])
            #expect(exported.status == 0, "\(exported.errors)")
            #expect(exported.output.contains("\(out)/onnx/encoder.onnx  "), "\(exported.output)")
            for (from, to) in [(run, "a"), (out, "b")] {
                let embedded = try Command.run(
                    ["embed", sounds, "--run", from, "--out", "\(folder.path)/\(to)", "-q"])
                #expect(embedded.status == 0, "\(embedded.errors)")
            }
            let files = try ["a", "b"].map { try Data(contentsOf: folder.appendingPathComponent("\($0)/audio.npy")) }
            #expect(files[0] == files[1])
            try SoundFiles.write(
                "\(folder.path)/read.lua",
                text: """
                    local kit = require 'kit'
                    local run = kit.trained { path = '\(out)' }
                    print(run.fingerprint)
                    local written = kit.export { run = run, out = '\(folder.path)/again' }
                    print(#written, written[1])
                    """)
            let read = try Command.run(["run", "\(folder.path)/read.lua", "-q"])
            #expect(read.status == 0 && read.output.contains("small/"), "\(read.errors)")
            #expect(read.output.contains("3\t\(folder.path)/again/encoder.onnx"), "\(read.output)")
        }
    }

    @Test func anEarlierExportLeavesNothingBehind() throws {
        try withRun { folder, run in
            let out = "\(folder.path)/out"
            func files() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: out).sorted() }
            let first = try Command.run(["export", run, "--out", out, "--format", "huggingface", "-q"])
            #expect(first.status == 0, "\(first.errors)")
            #expect(try files().contains("onnx/encoder.onnx"))
            // Files of others stay, even if the earlier export claims them.
            try SoundFiles.write("\(out)/notes.txt", text: "mine")
            try SoundFiles.write("\(folder.path)/foreign.txt", text: "mine")
            let list = "\(out)/dubkit.json"
            let text = try String(contentsOfFile: list, encoding: .utf8)
            let claim = text.replacing("\"README.md\"", with: "\"README.md\", \"../foreign.txt\", \"onnx\"")
            #expect(claim != text)
            try claim.write(toFile: list, atomically: true, encoding: .utf8)
            let second = try Command.run(["export", run, "--out", out])
            #expect(second.status == 0, "\(second.errors)")
            #expect(
                second.errors.contains("\(out)/model.safetensors: of the earlier export, removed"), "\(second.errors)")
            #expect(try files() == ["backbone.onnx", "dubkit.json", "encoder.onnx", "notes.txt"])
            #expect(FileManager.default.fileExists(atPath: "\(folder.path)/foreign.txt"))
            let hub = "\(folder.path)/hub"
            #expect(try Command.run(["export", run, "--out", hub, "--format", "huggingface", "-q"]).status == 0)
            let itself = try Command.run(["export", hub, "--out", "\(hub)/../hub"])
            #expect(itself.status == 64 && itself.errors.contains("is the folder that the encoders come from"))
            #expect(FileManager.default.fileExists(atPath: "\(hub)/model.safetensors"))
            // An export that was interrupted can be repeated.
            try FileManager.default.moveItem(atPath: list, toPath: "\(list).earlier")
            let third = try Command.run(["export", run, "--out", out, "--format", "huggingface", "-q"])
            #expect(third.status == 0, "\(third.errors)")
            #expect(try !files().contains { ["encoder.onnx", "dubkit.json.earlier"].contains($0) })
        }
    }

    @Test func mistakesAreNamed() throws {
        try withRun { folder, run in
            try SoundFiles.write("\(folder.path)/taken/mine.txt", text: "mine")
            for (words, message) in [
                (["--out", "\(folder.path)/out", "--format", "onx"], "did you mean 'onnx'?"),
                (["--out", "\(folder.path)/taken"], "already contains other files (mine.txt)"),
                (
                    ["--out", "\(folder.path)/out", "--views", "adio"],
                    "there is no encoder 'adio': did you mean 'audio'?"
                ),
                (["--out", "\(folder.path)/out", "--step", "7"], "has no checkpoint of step 7"),
            ] {
                let outcome = try Command.run(["export", run] + words)
                #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }
}
