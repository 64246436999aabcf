import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// The same bits at any number of threads.
@Suite(.serialized, .alone("the number of threads")) struct ThreadCountTests {
    private static func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
        let before = ThreadPool.shared.threadCount
        ThreadPool.shared.threadCount = count
        defer { ThreadPool.shared.threadCount = before }
        return try body()
    }

    @Test func wholeRunsAreEqual() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            var training = TinyTraining()
            training.width = 700
            let files = try [1, 2].map { threads in
                try Self.withThreads(threads) {
                    try RunFiles(try training.run(in: root.appendingPathComponent("\(threads)")).folder)
                }
            }
            #expect(files[0] == files[1])
        }
    }

    /// Two steps with real encoders, batch norm and NT-Xent: every weight and buffer after them.
    @Test(arguments: [ProductPrecision.float32, .bfloat16])
    func stepsOfRealEncodersAreEqual(precision: ProductPrecision) throws {
        #expect(ThreadPool.shared.threadCount > 1 || ProcessInfo.processInfo.processorCount == 1)
        let runs = try [1, 2].map { threads in
            try Self.withThreads(threads) { try precision.used { try Self.steps() } }
        }
        #expect(runs[0].count > 20)
        for (one, two) in zip(runs[0], runs[1]) { #expect(one.values == two.values, "\(one.name)") }
    }

    private static func steps() throws -> [(name: String, values: [Float])] {
        WeightSeed.reset(11)
        func module(_ kind: String, _ name: String, _ options: Options = Options()) throws -> Module {
            try #require(
                try PluginRegistry.shared.make(kind: kind, name: name, options: options).construct() as? Module)
        }
        let (video, audio) = (try module("encoder", "small_video"), try module("encoder", "small_audio"))
        let head = try module("head", "mlp", Options(list: [.int(256), .int(64), .int(32)]))
        let loss = try #require(
            try PluginRegistry.shared.make(kind: "loss", name: "nt_xent", options: Options()) as? any Loss)
        let optimizer = try #require(
            try PluginRegistry.shared.make(
                kind: "optimizer", name: "adamw", options: Options(named: [("learning_rate", .number(0.01))]))
                as? any Optimizer)
        let modules = [("audio", audio), ("head", head), ("video", video)]
        let step = try TrainingStep(
            parameters: modules.flatMap { $0.1.namedParameters(prefix: "\($0.0).") }, optimizer: optimizer, clipNorm: 1)
        for number in 1...2 {
            let pictures = Pattern.tensor("pictures \(number)", [5, 4, 40, 36, 3])
            let sound = Pattern.tensor("sound \(number)", [5, 70, 48, 2])
            _ = try step.run(number, TinyBatches().nextBatch(), rate: 0.01) { _, _ in
                .object(try loss(try head(try video(pictures)), try head(try audio(sound))))
            }
        }
        return modules.flatMap { name, module in
            (module.namedParameters(prefix: "\(name).") + module.namedBuffers(prefix: "\(name).")).map {
                ($0.name, $0.tensor.values)
            }
        }
    }
}
