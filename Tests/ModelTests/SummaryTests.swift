import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// The output of `kit.summary`, against fvcore's counts.
@Suite(.serialized) struct SummaryTests {
    private struct Reference: Decodable {
        struct Options: Decodable {
            let variant: String?
            let input: String?
            let features: Int?
            let channels: Int?

            var named: [(key: String, value: OptionValue)] {
                [("variant", variant), ("input", input)].compactMap { name, word in word.map { (name, .string($0)) } }
                    + [("features", features), ("channels", channels)].compactMap { name, number in
                        number.map { (name, .int($0)) }
                    }
            }
        }
        let encoder: String
        let options: Options
        let input: [Int]
        let macs: Int
    }

    private func make(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> Module {
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? Module)
    }

    @Test func macsAreFvcores() throws {
        let file = Fixtures.folder().appendingPathComponent("encoder_macs.json")
        let references = try JSONDecoder().decode([Reference].self, from: Data(contentsOf: file))
        #expect(references.count == 8)
        for reference in references {
            let module = try make(reference.encoder, reference.options.named)
            let summary = try ModuleSummary(module, .zeros(Shape(reference.input)))
            #expect(Int(summary.macs) == reference.macs, "\(reference.encoder) \(reference.options)")
            #expect(summary.parameterCount == module.parameterCount)
            #expect(summary.output == [1, reference.options.features ?? summary.output[1]])
        }
    }

    @Test func everyLayerHasItsShapeAndItsShare() throws {
        let module = try make("resnet18", [("features", .int(10))])
        let summary = try ModuleSummary(module, .zeros([2, 64, 48, 2]))
        let lines = summary.text().split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines[0] == "11,178,506 parameters, 234.0 MMAC for [2, 64, 48, 2] -> [2, 10]")
        #expect(lines.contains("conv1 Convolution(2 -> 64, 7x7) 6,272 9.6 MMAC -> [2, 32, 24, 64]"), "\(lines)")
        #expect(lines.contains("bn1 BatchNorm(64) 128 0.0 MMAC -> [2, 32, 24, 64]"))
        #expect(lines.contains("fc Linear(512 -> 10) 5,130 0.0 MMAC -> [2, 10]"))
        // A line for every module below the title; of one level its seven parts, the network, and that there is more.
        #expect(lines.count == module.namedModules("").count + 1)
        #expect(summary.text(levels: 1).split(separator: "\n").count == 10)
    }

    @Test func theModuleIsLeftAsItWas() throws {
        let module = try make("small_audio")
        let frozen = try #require(module.namedModules("").last { !$0.module.ownBuffers.isEmpty }).module
        frozen.train(false)
        let before = module.stateEntries().map(\.tensor.values)
        _ = try ModuleSummary(module, Pattern.tensor("summary", [2, 40, 24, 2]))
        #expect(module.isTraining && !frozen.isTraining && Profiler.active == nil)
        #expect(module.stateEntries().map(\.tensor.values) == before)
        #expect(throws: KitError.self) { try ModuleSummary(module, .zeros([2, 40, 24])) }
        #expect(module.isTraining && !frozen.isTraining && Profiler.active == nil)
    }
}
