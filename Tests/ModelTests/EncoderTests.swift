import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// The encoders against PyTorch's, with weights that both sides make from the same formula.
@Suite struct EncoderTests {
    private func make(_ name: String, _ options: [(key: String, value: OptionValue)]) throws -> Module {
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? Module)
    }

    @Test(arguments: ["x3d", "acoustic_resnet50", "resnet50", "resnet18", "r2plus1d_18", "vggish"]) func equalsPyTorch(
        _ encoder: String
    ) throws {
        for each in try Oracle("encoders").cases(encoder) {
            var options: [(key: String, value: OptionValue)] = []
            let features = try each.int("features")
            if features > 0 { options.append(("features", .int(features))) }
            for name in ["variant", "input"] where each.hasOption(name) {
                let word: String = try each.string(name)
                options.append((name, .string(word)))
            }
            let module = try make(encoder, options)
            try FormulaWeights.fill(module)
            for (index, mode) in ["evaluation", "training"].enumerated() {
                module.train(index == 1)
                module.clearGradients()
                let output = try module(each["input"])
                // Batch statistics of a small batch amplify rounding, so training is held to a looser bound.
                let bound = index == 0 ? 1e-5 : 1e-4
                each.expect(output, "output.\(index)", within: try max(bound, 2 * each.number("\(mode)_error")))
                try output.backward(from: Pattern.tensor("\(each.name)/seed", output.shape))
                // Where rounding turns the sign of a ReLU's input, its gradient jumps: a few such elements make 4e-3
                // here, and training, where rounding is amplified, some per cent. scripts/dev/parity.py compares at full
                // size, with the spread of PyTorch's own float32.
                try checkGradients(module, each, mode, within: index == 0 ? 1e-2 : 0.1)
            }
            for name in try each.strings("statistics") {
                let entry = try #require(module.stateEntries().first { $0.name == name })
                each.expect(entry.tensor, "statistics", within: try max(1e-5, 2 * each.number("training_error")))
            }
        }
    }

    @Test(arguments: ["x3d", "r2plus1d_18"]) func featuresOfAClipDependOnItsBatchByRoundingAlone(_ encoder: String)
        throws
    {
        let module = try make(encoder, [])
        try FormulaWeights.fill(module)
        let clips = Pattern.tensor("clips", [3, 4, 96, 96, 3])  // Two fit into a small batch.
        module.train(false)
        let together = try Autograd.noGrad { try module(clips) }
        let alone = try Autograd.noGrad { try (0..<3).map { try module(clips.slice(axis: 0, $0..<$0 + 1)).values } }
        #expect(relativeError(together, Tensor(alone.flatMap { $0 }, together.shape)) < 1e-5)
        // With gradients the batch stays whole.
        #expect(relativeError(try module(clips), together) < 1e-5)
        // So it does where any norm takes its statistics over the batch.
        let norm = try #require(module.namedModules("").first { $0.module is BatchNorm }).module
        norm.train()
        let mixed = try Autograd.noGrad { try module(clips) }
        #expect(relativeError(mixed, together) > 1e-3)
    }

    private func checkGradients(_ module: Module, _ each: OracleCase, _ mode: String, within tolerance: Double) throws {
        let entries = Dictionary(uniqueKeysWithValues: module.stateEntries().map { ($0.name, $0) })
        for name in try each.strings("gradients") {
            let entry = try #require(entries[name])
            let gradient = try #require(entry.tensor.grad, "\(each.name): no gradient of \(name)")
            each.expect(try entry.stored(gradient), "\(mode).\(name)", within: tolerance)
        }
    }

    private struct Reference: Decodable {
        struct Options: Decodable {
            let variant: String?
            let input: String?
            let features: Int?
            let channels: Int?
        }
        let options: Options
        let tensors: Int
        let digest: String
        let parameters: Int
    }

    @Test func namesShapesAndCountsAreThoseOfPyTorch() throws {
        let file = Fixtures.folder().appendingPathComponent("encoder_states.json")
        let references = try JSONDecoder().decode([String: [Reference]].self, from: Data(contentsOf: file))
        #expect(references.count == 6)
        for (encoder, group) in references {
            for reference in group {
                var options: [(key: String, value: OptionValue)] = []
                if let variant = reference.options.variant { options.append(("variant", .string(variant))) }
                if let input = reference.options.input { options.append(("input", .string(input))) }
                if let features = reference.options.features { options.append(("features", .int(features))) }
                if let channels = reference.options.channels { options.append(("channels", .int(channels))) }
                let module = try make(encoder, options)
                let lines = module.stateEntries().map { "\($0.name) \($0.storedShape)" }.sorted()
                #expect(module.parameterCount == reference.parameters, "\(encoder) \(reference.options)")
                #expect(lines.count == reference.tensors, "\(encoder) \(reference.options)")
                #expect(
                    Pattern.digest(lines.joined(separator: "\n")) == reference.digest, "\(encoder) \(reference.options)"
                )
            }
        }
    }

    /// The paper's own figures: see docs of each encoder.
    @Test func countsAreThoseOfThePaper() throws {
        #expect(try make("x3d", []).parameterCount == 2_974_674)
        #expect(try make("x3d", [("features", .int(400))]).parameterCount == 3_794_274)
        #expect(try make("x3d", [("features", .int(400)), ("variant", .string("l"))]).parameterCount == 6_153_384)
        #expect(try make("acoustic_resnet50", []).parameterCount == 31_927_808)
        #expect(try make("resnet50", []).parameterCount == 23_504_896)
        let frames: (key: String, value: OptionValue) = ("input", .string("frames"))
        #expect(try make("resnet18", [("features", .int(1000)), frames]).parameterCount == 11_689_512)
        #expect(try make("resnet50", [("features", .int(1000)), frames]).parameterCount == 25_557_032)
        #expect(try make("r2plus1d_18", [("features", .int(400))]).parameterCount == 31_505_325)
    }

    @Test func freshWeightsFollowTheSeed() throws {
        func weights(_ seed: Int) throws -> [Float] {
            WeightSeed.reset(seed)
            return try make("small_video", []).namedParameters().flatMap(\.tensor.values)
        }
        #expect(try weights(5) == weights(5))
        #expect(try weights(5) != weights(6))
    }

    @Test func wrongShapesNameTheAxes() throws {
        let spectrogram = Tensor.zeros([4, 280, 96, 2])
        let error = #expect(throws: KitError.self) { try make("x3d", [])(spectrogram) }
        #expect(
            error?.message
                == "x3d: expected video [batch, time, height, width, channels 3], given [4, 280, 96, 2]")
        let mono = #expect(throws: KitError.self) { try make("small_audio", [])(Tensor.zeros([4, 280, 96, 1])) }
        #expect(
            mono?.message == "small_audio: expected log-mel [batch, time, mel, channels 2], given [4, 280, 96, 1]")
    }
}
