import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// What every encoder owes, whichever it is. None is named here: a new one is held to it by existing.
@Suite(.serialized) struct EncoderConformanceTests {
    static var names: [String] { PluginRegistry.shared.names(of: "encoder") }
    /// Those with weights, which take `features`.
    static var trained: [String] { names.filter(takesFeatures) }

    private static func takesFeatures(_ name: String) -> Bool {
        let type = try? PluginRegistry.shared.find(kind: "encoder", name: name)
        return type?.parameters.contains { $0.name == "features" } == true
    }

    private func plugin(_ name: String, features: Int? = nil) throws -> any Encoder {
        let options: [(key: String, value: OptionValue)] = features.map { [("features", .int($0))] } ?? []
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: name, options: Options(named: options))
        return try #require(plugin as? any Encoder)
    }

    private func module(_ plugin: any Encoder, seed: UInt64 = 1) throws -> Module {
        WeightSeed.reset(seed)
        return try #require(try plugin.construct() as? Module)
    }

    /// A batch of two that the encoder takes: small, with odd extents.
    private func input(of plugin: any Encoder) -> Tensor {
        let extents = plugin.input.axes.map { axis in
            axis.size ?? ["batch": 2, "time": plugin.input.axes.count == 5 ? 5 : 67, "mel": 96][axis.name] ?? 65
        }
        return Pattern.tensor("clip", Shape(extents))
    }

    @Test func thereAreEncoders() { #expect(Self.trained.count >= 5) }

    @Test(arguments: names) func theOutputIsAsWideAsItSays(name: String) throws {
        for features in Self.takesFeatures(name) ? [nil, 7] : [nil] {
            let plugin = try plugin(name, features: features)
            let module = try module(plugin)
            for isTraining in [true, false] {
                module.train(isTraining)
                let output = try module(input(of: plugin))
                #expect(output.shape == [2, plugin.outputFeatures])
                let isFinite = output.values.allSatisfy { $0.isFinite }
                #expect(isFinite)
            }
            let width = features ?? plugin.trunkFeatures
            #expect(plugin.outputFeatures == width)
            #expect(module.summary.contains("\(width)"), "\(module.summary)")
        }
    }

    @Test(arguments: trained) func featuresAddOneLinearLayer(name: String) throws {
        let (trunk, whole) = (try plugin(name), try plugin(name, features: 7))
        let more = try module(whole).parameterCount - module(trunk).parameterCount
        #expect(more == trunk.trunkFeatures * 7 + 7)
    }

    @Test(arguments: trained) func everyParameterGetsAGradient(name: String) throws {
        let plugin = try plugin(name, features: 7)
        let module = try module(plugin)
        // Scales that begin at 0, as of the last batch norm of a residual branch, would let nothing through.
        for (_, tensor) in module.namedParameters() where tensor.values.allSatisfy({ $0 == 0 }) {
            tensor.pointer.update(repeating: 0.5, count: tensor.count)
        }
        let output = try module(input(of: plugin))
        try output.backward(from: Pattern.tensor("seed", output.shape))
        for (name, tensor) in module.namedParameters() {
            let gradient = try #require(tensor.grad, "\(name) gets no gradient").values
            let isZero = gradient.allSatisfy { $0 == 0 }
            let isFinite = gradient.allSatisfy { $0.isFinite }
            #expect(isFinite && !isZero, "\(name)")
        }
    }

    @Test(arguments: trained) func theSameSeedGivesTheSameBits(name: String) throws {
        let plugin = try plugin(name, features: 7)
        let outputs = try [3, 3, 4].map { try module(plugin, seed: $0)(input(of: plugin)).values }
        #expect(outputs[0] == outputs[1] && outputs[0] != outputs[2])
    }

    @Test(arguments: trained) func oneAndTwoThreadsGiveTheSameBits(name: String) throws {
        let plugin = try plugin(name, features: 7)
        try expectSameBits(name) {
            let module = try module(plugin)
            let output = try module(input(of: plugin))
            try output.backward(from: Pattern.tensor("seed", output.shape))
            return [output] + module.namedParameters().compactMap(\.tensor.grad)
                + module.namedBuffers().map(\.tensor)
        }
    }

    @Test(arguments: trained) func weightsSavedAreWeightsLoaded(name: String) throws {
        let plugin = try plugin(name, features: 7)
        let (saved, loaded) = (try module(plugin, seed: 3), try module(plugin, seed: 4))
        _ = try saved(input(of: plugin))  // Moves the running statistics.
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("weights.safetensors").path
            try saved.saveWeights(to: path)
            try loaded.loadWeights(from: path)
        }
        for module in [saved, loaded] { module.train(false) }
        let (one, other) = (try saved(input(of: plugin)), try loaded(input(of: plugin)))
        #expect(one.values == other.values)
        for (one, other) in zip(saved.stateEntries(), loaded.stateEntries()) {
            #expect(one.name == other.name && one.tensor.values == other.tensor.values, "\(one.name)")
        }
    }

    @Test(arguments: names) func wrongShapesAreNamedByAxis(name: String) throws {
        let plugin = try plugin(name)
        let module = try module(plugin)
        let right = input(of: plugin).shape.extents
        for wrong in [
            right.dropLast() + [right.last! + 1], [1] + right, Array(right.dropFirst()), [0] + right.dropFirst(),
        ] {
            let error = #expect(throws: KitError.self) { try module(Tensor.zeros(Shape(Array(wrong)))) }
            #expect(error?.kind == .usage)
            let message = error?.message ?? ""
            #expect(message.contains(plugin.input.description) && message.contains("given ["), "\(message)")
        }
    }

    @Test(arguments: trained) func wrongOptionsAreNamed(name: String) throws {
        for (options, words) in [
            ([("features", OptionValue.int(0))], "'features' must be positive, but is 0"),
            ([("features", .string("many"))], "'features' must be"),
            ([("featuers", .int(3))], "did you mean 'features'?"),
        ] {
            let error = #expect(throws: KitError.self) {
                try PluginRegistry.shared.make(
                    kind: "encoder", name: name, options: Options(named: options.map { (key: $0.0, value: $0.1) }))
            }
            #expect(error?.kind == .usage)
            #expect(error?.message.hasPrefix("kit.encoder.\(name): ") == true)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
