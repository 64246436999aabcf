import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Exported folders.
@Suite(.serialized) struct EncoderExportTests {
    private static func trained(_ path: String = "") throws -> TrainedRun {
        var clips = ClipSettings()
        (clips.seconds, clips.frames, clips.size, clips.mel) = (0.5, 4, 32, try LogMel(.v1))
        (clips.melMean, clips.melDeviation) = (-4, 2)
        let encoders = try [("audio", "small_audio"), ("video", "small_video")].map { name, plugin in
            try TrainedRun.Encoding(name: name, module: ModuleGraphTests.encoder(plugin))
        }
        return TrainedRun(path: path, clips: clips, encoders: encoders, fingerprint: "small/1 step 2 sha256:0123")
    }

    private static func status(_ state: String, in folder: String) throws {
        try SoundFiles.write(
            "\(folder)/status.json",
            text: """
                {"state": "\(state)", "step": 40, "steps": 60, "process": 1, "updated": "2026-11-29T17:20:52Z"}
                """)
    }

    @Test func anONNXFileHasTheStructureOfTheFormat() throws {
        try Fixtures.withTemporaryFolder { folder in
            let trained = try Self.trained()
            let out = "\(folder.path)/out"
            let written = try EncoderExport(trained, only: ["audio"]).writeONNX(to: out)
            #expect(written.notices.isEmpty)
            #expect(
                written.files.map(\.path) == ["encoder.onnx", "backbone.onnx", "dubkit.json"].map { "\(out)/\($0)" })
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(out)/encoder.onnx"))
            #expect(written.files[0].bytes == data.count)
            let model = try #require(ProtobufFields(data))
            #expect(model.numbers(1) == [8] && model.texts(2) == ["dubkit"])
            #expect(model.messages(8).map { $0.numbers(2) } == [[17]])
            let graph = try #require(model.messages(7).first)
            let (nodes, weights) = (graph.messages(1), graph.messages(5))
            let input = try #require(graph.messages(11).first)
            #expect(input.texts(1) == ["sound"] && Self.axes(input) == ["batch", "2", "samples"])
            let output = try #require(graph.messages(12).first)
            #expect(output.texts(1) == ["features"] && Self.axes(output) == ["batch", "256"])

            // Every edge is the input, a weight or the output of an earlier node.
            var known = Set(weights.flatMap { $0.texts(8) } + ["sound"])
            for node in nodes {
                #expect(known.isSuperset(of: node.texts(1)), "\(node.texts(3))")
                known.formUnion(node.texts(2))
            }
            #expect(known.contains("features"))
            #expect(nodes.contains { $0.texts(3) == ["blocks.0.conv1/Conv"] && $0.texts(4) == ["Conv"] })

            // A weight has its name and, bit for bit, its values as in weight files.
            let module = trained.encoders[0].module
            let weight = try #require(weights.first { $0.texts(8) == ["stem.weight"] })
            #expect(weight.numbers(1) == [32, 2, 7, 1, 7] && weight.numbers(2) == [1])
            let stored = try module.tensor("stem.weight", permuted: [0, 4, 1, 2, 3])
            #expect(weight.data(9) == [stored])

            let facts = Dictionary(
                uniqueKeysWithValues: model.messages(14).map { ($0.texts(1)[0], $0.texts(2).first ?? "") })
            #expect(facts["sample_rate"] == "48000" && facts["hop"] == "512" && facts["mels"] == "96")
            #expect(facts["mel_mean"] == "-4.0" && facts["mel_std"] == "2.0" && facts["channels"] == "2")
            #expect(facts["dubkit.weights"] == "small/1 step 2 sha256:0123" && facts["clip_seconds"] == "0.5")

            // The preparation of the sound takes nearly no room.
            let parameters = 4 * (module.parameterCount + 2 * 992)
            #expect(data.count < parameters + parameters / 50, "\(data.count) of \(parameters)")
        }
    }

    private static func axes(_ value: ProtobufFields) -> [String] {
        let shape = value.messages(2)[0].messages(1)[0].messages(2)[0]
        return shape.messages(1).map { $0.texts(2).first ?? $0.numbers(1).first.map(String.init) ?? "" }
    }

    @Test func severalEncodersGetAFolderEach() throws {
        try Fixtures.withTemporaryFolder { folder in
            let written = try EncoderExport(Self.trained()).writeONNX(to: folder.path)
            #expect(written.files.count == 5)
            let facts = try ExportFacts.read(folder.path)
            #expect(
                facts.encoders.map(\.folder) == ["audio", "video"] && facts.encoders.map(\.features) == [256, 256])
            #expect(facts.encoders[0].samples == nil && facts.encoders[0].leastSamples == 1024)
            #expect(facts.encoders[1].frames == [nil, nil, nil, 3])
            let data = try Data(contentsOf: folder.appendingPathComponent("video/encoder.onnx"))
            let input = try #require(ProtobufFields(data)?.messages(7).first?.messages(11).first)
            #expect(Self.axes(input) == ["batch", "time", "height", "width", "3"])
            // Exported again, the folder is replaced.
            _ = try EncoderExport(Self.trained()).writeONNX(to: folder.path)
        }
    }

    @Test func aHuggingFaceFolderIsReadBack() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (run, out) = ("\(folder.path)/run", "\(folder.path)/out")
            try Self.status("finished", in: run)
            let trained = try Self.trained(run)
            let written = try EncoderExport(trained).writeHuggingFace(to: out, run: run)
            #expect(written.notices.isEmpty)
            for name in [
                "config.json", "preprocessor_config.json", "model.safetensors", "README.md", "onnx/audio/encoder.onnx",
            ] {
                #expect(written.files.contains { $0.path == "\(out)/\(name)" && $0.bytes > 0 }, "\(name)")
            }
            #expect(try SafetensorsFile("\(out)/model.safetensors").metadata["format"] == "pt")
            let read = try TrainedRun.open(out) { _ in }
            #expect(read.fingerprint == trained.fingerprint && read.encoders.map(\.name) == ["audio", "video"])
            #expect(read.clips.melMean == -4 && read.clips.frames == 4)
            for (mine, theirs) in zip(read.encoders, trained.encoders) {
                for (a, b) in zip(mine.module.stateEntries(), theirs.module.stateEntries()) {
                    #expect(a.name == b.name && a.tensor.values == b.tensor.values, "\(a.name)")
                }
            }
            let refused = #expect(throws: KitError.self) { try TrainedRun.open(out, weights: .best) { _ in } }
            #expect(try #require(refused).message.contains("is an exported folder, which has one set of weights"))
        }
    }

    @Test func anUnfinishedRunIsSaidToBeOne() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (run, out) = ("\(folder.path)/run", "\(folder.path)/out")
            try Self.status("interrupted", in: run)
            let written = try EncoderExport(Self.trained(run), only: ["video"]).writeHuggingFace(to: out, run: run)
            #expect(written.notices == ["the run is interrupted after 40 of 60 steps"])
            let card = try String(contentsOfFile: "\(out)/README.md", encoding: .utf8)
            #expect(card.contains("**Unfinished:** the run is interrupted after 40 of 60 steps"))
            #expect(card.hasPrefix("---\nlibrary_name: dubkit\n") && card.contains("license: # fill in"))
            let text = try String(contentsOfFile: "\(out)/dubkit.json", encoding: .utf8)
            #expect(text.contains("\"state\" : \"interrupted\""))
        }
    }

    @Test func foldersAndNamesAreChecked() throws {
        try Fixtures.withTemporaryFolder { folder in
            try SoundFiles.write("\(folder.path)/notes.txt", text: "mine")
            let taken = #expect(throws: KitError.self) { try EncoderExport(Self.trained()).writeONNX(to: folder.path) }
            #expect(try #require(taken).message.contains("already contains other files (notes.txt)"))
            let unknown = #expect(throws: KitError.self) { try EncoderExport(Self.trained(), only: ["adio"]) }
            #expect(
                unknown?.message == "there is no encoder 'adio': did you mean 'audio'? (there are: audio, video)")
        }
    }
}

extension Module {
    /// The bytes of a parameter with its axes in another order.
    fileprivate func tensor(_ name: String, permuted order: [Int]) throws -> Data {
        let tensor = try #require(namedParameters().first { $0.name == name }).tensor.permuted(order)
        return Data(bytes: tensor.pointer, count: 4 * tensor.count)
    }
}
