import Kit
import Plugins
import TestSupport
import Testing

@Suite struct MViTv2Tests {
    private func make(_ options: [(key: String, value: OptionValue)]) throws -> Module {
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: "mvitv2", options: Options(named: options))
        return try #require(try plugin.construct() as? Module)
    }

    @Test func equalsPyTorch() throws {
        for each in try Oracle("mvit").cases("mvitv2") {
            let module = try make([
                ("size", .string(each.string("size"))), ("modality", .string(each.string("modality"))),
                ("overlap", .bool(each.bool("overlap"))), ("channels", .int(each.int("channels"))),
                ("drop_path", .number(0)),
            ])
            #expect(module.parameterCount == (try each.int("parameters")))
            try FormulaWeights.fill(module)
            module.train(false)
            let evaluation = try Autograd.noGrad { try module(each["input"]) }
            each.expect(evaluation, "output.0", within: try max(1e-5, 2 * each.number("evaluation_error")))
            module.train()
            let training = try module(each["input"])
            each.expect(training, "output.1", within: try max(1e-5, 2 * each.number("training_error")))
            try training.backward(from: Pattern.tensor("\(each.name)/seed", training.shape))
            let entries = Dictionary(uniqueKeysWithValues: module.stateEntries().map { ($0.name, $0) })
            for name in try each.strings("gradients") {
                let entry = try #require(entries[name])
                let gradient = try entry.stored(#require(entry.tensor.grad, "\(each.name): no gradient of \(name)"))
                each.expect(gradient, name, within: try max(1e-4, 2 * each.number("gradient_error")))
            }
        }
    }

    /// The figures that were measured with the authors' public code.
    @Test(arguments: [
        ("s", "video", false, 34_202_496, 14.15), ("s", "audio", false, 34_039_392, 1.77),
        ("s", "video", true, 34_230_144, 64.5), ("s", "audio", true, 34_075_296, 3.63),
        ("b", "video", false, 50_826_912, 20.5), ("b", "audio", false, 50_613_120, 2.58),
        ("b", "video", true, 50_885_664, 92.6), ("b", "audio", true, 50_668_992, 5.29),
    ])
    func parametersAndProductsAreThoseOfTheAuthorsCode(
        size: String, modality: String, overlap: Bool, parameters: Int, macs: Double
    ) throws {
        let module = try make([
            ("size", .string(size)), ("modality", .string(modality)), ("overlap", .bool(overlap)),
        ])
        #expect(module.parameterCount == parameters)
        guard !overlap else { return }
        let input: Shape = modality == "video" ? [1, 16, 224, 224, 3] : [1, 288, 96, 1]
        let summary = try ModuleSummary(module, .zeros(input))
        #expect(abs(summary.macs / 1e9 - macs) < 0.02 * macs, "\(summary.macs)")
    }

    /// A bfloat16 has 8 bits: each factor, and each token between two products, is off by up to 0.4 %.
    @Test func bfloat16StaysNearFloat32() throws {
        let module = try make([("drop_path", .number(0))])
        try FormulaWeights.fill(module)
        let input = Pattern.tensor("clip", [2, 4, 64, 64, 3])
        func results(_ precision: ProductPrecision) throws -> (Tensor, [String: Tensor]) {
            module.clearGradients()
            return try precision.used {
                let output = try module(input)
                try output.backward(from: Pattern.tensor("seed", output.shape))
                return (
                    output.detached(),
                    Dictionary(
                        uniqueKeysWithValues: module.namedParameters().map { ($0.name, $0.tensor.grad!.copied()) })
                )
            }
        }
        func distance(_ a: Tensor, _ b: Tensor) throws -> Double {
            Double(try (a - b).norm().item()) / Double(try b.norm().item())
        }
        let (exact, narrow) = (try results(.float32), try results(.bfloat16))
        let off = try distance(narrow.0, exact.0)
        #expect(off > 0 && off < 0.025, "\(off)")
        for name in ["patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "blocks.7.mlp.fc1.weight", "norm.weight"] {
            #expect(try distance(#require(narrow.1[name]), #require(exact.1[name])) < 0.1, "\(name)")
        }
    }

    @Test func branchesAreSkippedInTrainingOnly() throws {
        let module = try make([("drop_path", .number(0.5))])
        let input = Pattern.tensor("clip", [1, 2, 32, 32, 3])
        StepRandom.begin(seed: 1, step: 1)
        let first = try module(input).values
        StepRandom.begin(seed: 1, step: 1)
        #expect(try module(input).values == first)
        StepRandom.begin(seed: 1, step: 2)
        #expect(try module(input).values != first)
        module.train(false)
        let evaluated = try module(input).values
        StepRandom.begin(seed: 1, step: 1)
        #expect(try module(input).values == evaluated)
    }

    @Test func initialValuesAreThePublishedOnes() throws {
        for (name, tensor) in try make([("modality", .string("audio"))]).namedParameters() {
            let (values, isNorm) = (tensor.values, name.contains("norm"))
            if name.hasSuffix("bias") {
                #expect(values.allSatisfy { $0 == 0.02 }, "\(name)")
            } else if isNorm {
                #expect(values.allSatisfy { $0 == 1 }, "\(name)")
            } else {
                let deviation = (values.reduce(0.0) { $0 + Double($1 * $1) } / Double(values.count)).squareRoot()
                #expect(abs(deviation - 0.02) < 0.002, "\(name)")
            }
        }
    }

    @Test func wrongOptionsAndInputsAreExplained() throws {
        let drop = #expect(throws: KitError.self) { try make([("drop_path", .number(1))]) }
        #expect(drop?.message == "kit.encoder.mvitv2: option 'drop_path' must be at least 0 and below 1, but is 1.0")
        let shape = #expect(throws: KitError.self) { try make([])(Tensor.zeros([1, 96, 288, 1])) }
        #expect(
            shape?.message == "mvitv2: expected video [batch, time, height, width, channels 3], given [1, 96, 288, 1]")
    }
}
