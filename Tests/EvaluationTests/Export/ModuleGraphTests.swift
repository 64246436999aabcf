import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Encoders drawn as graphs.
@Suite(.serialized) struct ModuleGraphTests {
    static func encoder(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> Module {
        WeightSeed.reset(5)
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? Module)
    }

    private static func graph(_ module: Module, _ extents: [Int]? = nil) throws -> ModuleGraph {
        let input = try #require(module.factory as? any Encoder).expectedInput
        let isVideo = input.content == .video
        let mels = isVideo ? 0 : input.axes[2].size ?? 96
        let standard = isVideo ? [1, 8, 64, 64, 3] : [1, 96, mels, input.axes[3].size ?? 2]
        return try ModuleGraph(
            module, axes: input.axes.map(\.name), extents: extents ?? standard,
            open: isVideo ? [[1, 2, 3], [1]] : [[1]],
            input: "input", output: "features")
    }

    /// The operators that the forms of ops use; onnx.checker and onnxruntime see them in scripts/dev/export.
    private static let operators: Set<String> = [
        "Add", "AveragePool", "BatchNormalization", "Clip", "Concat", "Conv", "Div", "Einsum", "Erf", "Expand",
        "Flatten", "Gather", "Gemm", "GlobalAveragePool", "LayerNormalization", "MatMul", "Max", "MaxPool", "Mul",
        "Pad", "ReduceMean", "Relu", "Reshape", "Shape", "Sigmoid", "Slice", "Softmax", "Sqrt", "Sub", "Transpose",
        "Unsqueeze",
    ]

    @Test func everyEncoderOfTheKitIsDrawn() throws {
        let names = PluginRegistry.shared.names(of: "encoder")
        #expect(names.count >= 10)
        for name in names {
            let module = try Self.encoder(name)
            let drawn: ModuleGraph
            do { drawn = try Self.graph(module) } catch {
                Issue.record("\(name): \(error)")
                continue
            }
            #expect(drawn.input[0].extent == nil && drawn.output[0] == nil, "\(name): the batch is open")
            let ops = Set(drawn.graph.nodes.map(\.op))
            #expect(ops.isSubset(of: Self.operators), "\(name): \(ops.subtracting(Self.operators))")
            // All values that the result depends on are there under their names.
            let weights = module.namedParameters().filter { $0.name.hasSuffix("conv1.weight") }
            for (weight, _) in weights { #expect(drawn.graph.names.contains(weight), "\(name): \(weight)") }
            #expect(Set(drawn.graph.nodes.map(\.name)).count == drawn.graph.nodes.count, "\(name)")
        }
    }

    @Test func convolutionalNetworksLeaveLengthsOpen() throws {
        for name in ["small_audio", "resnet18", "vggish", "small_video"] {
            let drawn = try Self.graph(Self.encoder(name))
            #expect(drawn.input[1].extent == nil && drawn.limit == nil, "\(name): \(drawn.limit ?? "")")
            if drawn.input.count == 5 { #expect(drawn.input[2].extent == nil && drawn.input[3].extent == nil) }
            // One transposition puts the channels of the input first, and nothing puts them back.
            #expect(drawn.graph.nodes.count { $0.op == "Transpose" } == 1, "\(name)")
        }
    }

    @Test func networksWithTablesOfPositionsKeepTheirLength() throws {
        let drawn = try Self.graph(Self.encoder("vit", [("size", .string("ti"))]))
        #expect(drawn.input[0].extent == nil && drawn.input[1].extent == 96)
        #expect(try #require(drawn.limit).contains("values that depend on the input or its extents"))
        // The class tokens are repeated for each sample of any batch.
        #expect(drawn.graph.nodes.count { $0.op == "Expand" } == 1)
    }

    @Test func framesThatAreImagesOfABatchLeaveAllExtentsOpen() throws {
        let drawn = try Self.graph(Self.encoder("resnet18", [("input", .string("frames"))]))
        #expect(drawn.input.map(\.extent) == [nil, nil, nil, nil, 3] && drawn.output == [nil, 512])
    }

    @Test func aGraphComputesWhatTheModuleDoes() throws {
        let module = try Self.encoder("small_audio")
        var random = RandomStream(seed: 3)
        // Statistics and scales that differ between channels.
        for (index, entry) in module.stateEntries().enumerated() where entry.tensor.shape.rank == 1 {
            try entry.tensor.assign(.uniform(entry.tensor.shape, 0.5, 1.5 + 0.01 * Float(index), &random))
        }
        let interpreter = GraphInterpreter(graph: try Self.graph(module).graph)
        module.train(false)
        for shape: Shape in [[1, 40, 96, 2], [3, 71, 96, 2]] {
            let input = Tensor.normal(shape, &random)
            let (ours, expected) = try Autograd.noGrad { (try interpreter(input), try module(input)) }
            #expect(ours.shape == expected.shape && relativeError(ours, expected) < 1e-5)
        }
        #expect(module.factory != nil)
    }

    @Test func drawingRestoresTheMode() throws {
        let module = try Self.encoder("small_audio")
        _ = try Self.graph(module)
        #expect(module.isTraining && GraphTape.active == nil)
    }

    /// Its result is sorted, which has no form.
    private final class Sorted: Module {
        private let inner = Pick()
        override init() {
            super.init()
            register("inner", inner)
        }
        override func forward(_ input: Tensor) throws -> Tensor { try inner(input.mean([1, 2])) }
        final class Pick: Module {
            override func forward(_ input: Tensor) throws -> Tensor { try input.top(1, axis: 1).values }
        }
    }

    @Test func anOpWithoutAFormIsNamedWithItsModule() throws {
        let error = #expect(throws: KitError.self) {
            try ModuleGraph(
                Sorted(), axes: ["batch", "frames", "mel", "channels"], extents: [1, 8, 4, 2], open: [[1]],
                input: "input", output: "features")
        }
        #expect(error?.message == "the op 'topk' in 'inner' has no form in ONNX graphs")
    }

    /// What it computes from its input does not pass through an op.
    private final class Hidden: Module {
        override func forward(_ input: Tensor) throws -> Tensor { try input * Tensor(input.values.max() ?? 0) }
    }

    @Test func valuesThatBypassOpsAreNoticed() throws {
        let error = #expect(throws: KitError.self) {
            try ModuleGraph(
                Hidden(), axes: ["batch", "features"], extents: [1, 8], open: [], input: "input", output: "features")
        }
        #expect(try #require(error).message.contains("'Mul' uses values that depend on the input or its extents"))
    }
}
