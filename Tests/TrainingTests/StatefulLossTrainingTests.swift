import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// The state of a loss is trained, saved and restored like the weights of a network.
@Suite(.serialized, .alone("Ctrl-C")) struct StatefulLossTrainingTests {
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
            let (queries, keys) = (try video(batch.video), try audio(batch.audio))
            // Twice with the same keys: they count once.
            return .object(try (loss(queries, keys) + loss(queries * 0.5, keys)) * 0.5)
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

    /// A loss of two queries against the same keys, and of two views each against the other's keys.
    @Test func keysEnterTheQueueOnceAStep() throws {
        let make = { () throws -> any StatefulLoss in
            WeightSeed.reset(5)
            let options: [(key: String, value: OptionValue)] = [("queue", .int(20)), ("features", .int(4))]
            let plugin = try PluginRegistry.shared.make(kind: "loss", name: "moco", options: Options(named: options))
            return try #require(try plugin.construct() as? any StatefulLoss)
        }
        let (a, b, keys) = (Pattern.tensor("a", [3, 4]), Pattern.tensor("b", [3, 4]), Pattern.tensor("k", [3, 4]))
        for queries in [a, b] { queries.requiresGrad = true }
        let alone = try make()
        let (first, second) = (
            try Autograd.noGrad { try alone(a, keys).item() }, try Autograd.noGrad { try alone(b, keys).item() }
        )
        let loss = try make()
        let (queue, place) = (loss.state.tensor("queue"), loss.state.tensor("queue_ptr"))
        let fresh = queue.values
        for step in 1...2 {
            try StepScope.run {
                let before = queue.values
                let values = [try loss(a, keys).item(), try loss(b, keys).item()]
                #expect(step == 2 || values == [first, second])
                #expect(queue.values == before)
            }
            #expect(place.values == [Float(3 * step)])
        }
        try StepScope.run {
            _ = try loss(a, b)
            _ = try loss(b, a)
        }
        #expect(place.values == [12])
        let unit = try [b, a].flatMap { try $0.l2Normalized().values }
        #expect(Array(queue.values[24..<48]) == unit && Array(queue.values[48...]) == Array(fresh[48...]))
        // A step that fails leaves nothing behind.
        let kept = queue.values
        _ = try? StepScope.run {
            _ = try loss(a, keys)
            throw KitError(.nonFinite, "the loss is NaN")
        }
        try StepScope.run { _ = try loss(a, b * -1) }
        #expect(place.values == [15] && Array(queue.values[..<36]) == Array(kept[..<36]))
    }

    @Test func onlyModulesAndLossesWithStateAreTrained() throws {
        let plain = try PluginRegistry.shared.make(kind: "loss", name: "nt_xent", options: Options())
        let error = #expect(throws: OptionMismatch.self) { try TrainedModule(option: .object(plain)) }
        #expect(error?.expected == "a module")
    }
}
