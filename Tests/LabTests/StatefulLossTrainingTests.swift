import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// What a loss keeps is trained, saved and taken up again like the weights of a network.
@Suite(.serialized) struct StatefulLossTrainingTests {
    /// Twelve steps with this loss; stops after one of them if so asked.
    private static func train(
        _ name: String, in runs: URL, stopAfter last: Int? = nil, resume: RunSettings.Resume = .never
    ) throws -> String {
        WeightSeed.reset(5)
        let options: [(key: String, value: OptionValue)] =
            name == "moco" ? [("queue", .int(20)), ("features", .int(4))] : []
        let plugin = try PluginRegistry.shared.make(kind: "loss", name: name, options: Options(named: options))
        let loss = try #require(try plugin.construct() as? any StatefulLoss)
        var plan = try TinyTraining().plan()
        let modules = Dictionary(uniqueKeysWithValues: plan.modules.map { ($0.name, $0.module) })
        let (video, audio) = (try #require(modules["video"]), try #require(modules["audio"]))
        plan.modules.append(("loss", try TrainedModule(option: .object(loss)).module))
        plan.step = { batch, number in
            if number == last { Interrupt.request() }
            let batch = try #require(batch as? TinyBatch)
            return .object(try loss(video(batch.video), audio(batch.audio)))
        }
        let settings = RunSettings(command: ["tiny"], runsFolder: runs.path, resume: resume)
        let log = RunLog(terminal: Terminal(isInteractive: false) { _ in }, verbosity: 0, now: { 0 })
        return try Trainer(plan, settings: settings, log: log).run().folder
    }

    @Test(arguments: ["clip", "moco"]) func aResumedRunHasTheSameBits(name: String) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            Interrupt.clear()
            defer { Interrupt.clear() }
            let whole = try Self.train(name, in: root.appendingPathComponent("whole"))
            let runs = root.appendingPathComponent("stopped")
            let error = #expect(throws: KitError.self) { try Self.train(name, in: runs, stopAfter: 7) }
            #expect(error?.kind == .tryAgain)
            Interrupt.clear()
            let resumed = try Self.train(name, in: runs, resume: .newest)
            #expect(try RunFiles(resumed) == RunFiles(whole))

            let weights = try SafetensorsFile("\(whole)/latest/model.safetensors")
            if name == "clip" {
                let scale = try weights.tensor("loss.logit_scale").values
                #expect(scale.count == 1 && scale[0].isFinite && scale != [Float(-log(0.07))])
            } else {
                // 12 batches of 8 keys went through 20 places: 96 = 4 x 20 + 16.
                #expect(try weights.tensor("loss.queue_ptr").values == [16])
                #expect(try weights.entry("loss.queue").shape == [20, 4])
            }
        }
    }

    @Test func onlyModulesAndLossesWithStateAreTrained() throws {
        let plain = try PluginRegistry.shared.make(kind: "loss", name: "nt_xent", options: Options())
        let error = #expect(throws: OptionMismatch.self) { try TrainedModule(option: .object(plain)) }
        #expect(error?.expected == "a module")
    }
}
