import Kit
import Plugins
import TestSupport
import Testing

@Suite struct ViTTests {
    private func make(_ options: [(key: String, value: OptionValue)]) throws -> Module {
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: "vit", options: Options(named: options))
        return try #require(try plugin.construct() as? Module)
    }

    @Test func equalsHuggingFace() throws {
        for each in try Oracle("vit").cases("vit") {
            var options: [(key: String, value: OptionValue)] = [
                ("size", .string(try each.string("size"))), ("modality", .string(try each.string("modality"))),
            ]
            for key in ["frames", "mels"] where each.hasOption(key) { options.append((key, .int(try each.int(key)))) }
            let module = try make(options)
            try FormulaWeights.fill(module)
            let output = try module(each["input"])
            each.expect(output, "output.0", within: 1e-5)
            try output.backward(from: Pattern.tensor("\(each.name)/seed", output.shape))
            let entries = Dictionary(uniqueKeysWithValues: module.stateEntries().map { ($0.name, $0) })
            for name in try each.strings("gradients") {
                let entry = try #require(entries[name])
                each.expect(try entry.stored(#require(entry.tensor.grad)), name, within: 1e-4)
            }
        }
    }

    /// The published AST: 12 x 101 patches of 128 bands and 1024 frames.
    @Test func theLargestSizesHaveThePublishedNumberOfWeights() throws {
        let sound = try make([("size", .string("b")), ("mels", .int(128)), ("frames", .int(1024))])
        #expect(sound.parameterCount == 86_187_264)
        let video = try make([("size", .string("b")), ("modality", .string("video"))])
        #expect(video.parameterCount == 86_236_416)
    }

    @Test func otherLengthsGetInterpolatedPositions() throws {
        let module = try make([("size", .string("ti")), ("frames", .int(96)), ("mels", .int(32))])
        let short = try module(Pattern.tensor("short", [2, 64, 32, 1]))
        #expect(short.shape == [2, 192])
        try short.sum().backward()
        #expect(module.tensor("embeddings.position_embeddings").grad?.nonFiniteCount == 0)
        #expect(try module(Pattern.tensor("long", [1, 200, 32, 1])).shape == [1, 192])
    }

    @Test func layerScaleAndDropPathAreOptions() throws {
        let module = try make([
            ("size", .string("ti")), ("modality", .string("video")), ("layer_scale", .number(0)),
            ("drop_path", .number(0.5)),
        ])
        let input = Pattern.tensor("clip", [2, 2, 16, 32, 3])
        StepRandom.begin(seed: 1, step: 1)
        let output = try module(input)
        // Branches times 0: only the embedding is left, whatever is dropped.
        StepRandom.begin(seed: 1, step: 2)
        #expect(try module(input).values == output.values)
        try output.sum().backward()
        #expect(module.namedParameters().contains { $0.name == "encoder.layer.11.layer_scale2.gamma" })
    }

    @Test func wrongInputsAreExplained() throws {
        func message(_ options: [(key: String, value: OptionValue)], _ shape: Shape) -> String? {
            #expect(throws: KitError.self) { _ = try make(options)(Tensor.zeros(shape)) }?.message
        }
        let small: (key: String, value: OptionValue) = ("size", .string("ti"))
        #expect(
            message([small, ("modality", .string("video"))], [1, 2, 40, 32, 3])
                == "vit: height must be a multiple of 16, such as 32, but is 40: [1, 2, 40, 32, 3]")
        #expect(
            message([small], [1, 288, 128, 1])
                == "vit: expected log-mel [batch, time, mel 96, channels 1], given [1, 288, 128, 1]")
        #expect(
            message([small], [1, 15, 96, 1])
                == "vit: a patch spans 16 frames, but the input has only 15: [1, 15, 96, 1]")
        #expect(
            message([small, ("mels", .int(8))], [1, 288, 8, 1])
                == "kit.encoder.vit: a patch of 16 does not fit a spectrogram of 288 frames and 8 mels")
        #expect(
            message([("layer_scale", .number(2))], [1])
                == "kit.encoder.vit: option 'layer_scale' must be 0 to 1, but is 2.0")
    }
}
