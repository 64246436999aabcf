import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Training with several processes: the same bits on any number of them, and the same numbers as without shards.
@Suite(.serialized, .alone("Ctrl-C")) struct ProcessesTests {
    /// How a batch's activations are recomputed for backward.
    enum Recomputed: CaseIterable {
        case inPieces, whole
    }

    /// A network with batch norm and dropout, and one of the kit's losses. A network that is recomputed has no dropout,
    /// since its random numbers would depend on the pieces, and has a weight that is used twice, once outside.
    private static func plan(
        _ loss: String, shards: Int?, clips: Int = 8, steps: Int = 4, recomputed: Recomputed? = nil
    ) throws -> TrainingPlan {
        WeightSeed.reset(5)
        var random = RandomStream(seed: 3)
        func network() -> Module {
            let layers: [Module] = [
                Linear(6, 8, &random), BatchNorm(8), Activate.relu, Dropout(recomputed == nil ? 0.25 : 0),
                Linear(8, 4, &random),
            ]
            return Chain(layers)
        }
        let (audio, video) = (network(), network())
        var modules: [(name: String, module: Module)] = [("audio", audio), ("video", video)]
        let options: [(key: String, value: OptionValue)] =
            loss == "moco" ? [("queue", .int(20)), ("features", .int(4))] : []
        let made = try PluginRegistry.shared.make(kind: "loss", name: loss, options: Options(named: options))
            .construct()
        let objective = try #require(made as? any Loss)
        if let stateful = objective as? any StatefulLoss { modules.append(("loss", stateful.state)) }
        var plan = TrainingPlan(
            name: "tiny", batches: TinyBatches(clips: clips), modules: modules,
            optimizer: try #require(
                try PluginRegistry.shared.make(
                    kind: "optimizer", name: "sgd", options: Options(named: [("rate", .number(0.05))]))
                    as? any Optimizer),
            seed: 7, steps: steps, clipNorm: 1, averageDecay: 0.9, checkpointEvery: 2
        ) { batch, _ in
            let batch = try #require(batch as? TinyBatch)
            func view(_ network: Module, _ input: Tensor) throws -> Tensor {
                guard let recomputed else { return try network(input) }
                let rows = recomputed == .inPieces ? 2 : nil
                let rest = try network.namedParameters()[0].tensor.sum()
                return try Recomputation.apply(to: [input], rows: rows) { [try network($0[0])] }[0] + rest
            }
            let views = [try view(video, batch.video), try view(audio, batch.audio)]
            return .object(try objective.overBatch(views) { views, _ in try objective(views[0], views[1]) })
        }
        plan.shards = shards
        return plan
    }

    /// Trains on some ranks, the first of which writes the run folder, and returns the folder.
    @discardableResult
    private static func train(
        _ ranks: Int, in runs: URL, resume: RunSettings.Resume = .never,
        _ plan: @escaping (_ rank: Int) throws -> TrainingPlan
    ) throws -> String {
        let results = ThreadRanks.run(ranks) { group in
            let settings = RunSettings(command: ["tiny"], runsFolder: runs.path, resume: resume)
            let log = RunLog(terminal: Terminal(isInteractive: false) { _ in }, verbosity: 0, now: { 0 })
            return try Trainer(try plan(group.rank), settings: settings, log: log).run().folder
        }
        // The first error that does not come from another rank.
        for result in results { _ = try result.get() }
        return try results[0].get()
    }

    private static func weights(_ folder: String) throws -> [String: Tensor] {
        let file = try SafetensorsFile("\(folder)/latest/model.safetensors")
        return Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0)) })
    }

    /// Losses of two views. Those with labels are tested in shards, by `LabelScriptTests`.
    private static var losses: [String] {
        PluginRegistry.shared.names(of: "loss").filter {
            (try? PluginRegistry.shared.find(kind: "loss", name: $0).type) is any Loss.Type
        }
    }

    @Test(arguments: losses)
    func anyNumberOfProcessesTrainsTheSameBits(loss: String) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            func folder(_ name: String) -> URL { root.appendingPathComponent(name) }
            let whole = try Self.train(1, in: folder("1")) { _ in try Self.plan(loss, shards: 4) }
            for ranks in [2, 4] {
                let other = try Self.train(ranks, in: folder("\(ranks)")) { _ in try Self.plan(loss, shards: 4) }
                #expect(try RunFiles(other) == RunFiles(whole), "\(ranks) ranks")
            }
            // A batch in one piece gives the same result up to rounding.
            let plain = try Self.weights(
                try Self.train(1, in: folder("plain")) { _ in try Self.plan(loss, shards: nil) })
            for (name, weights) in try Self.weights(whole) {
                #expect(relativeError(weights, try #require(plain[name])) < 2e-4, "\(name)")
            }
        }
    }

    /// Activations are recomputed inside backward: gradients are sent when all of them have arrived, and batch norm
    /// uses the statistics of the first time.
    @Test(arguments: Recomputed.allCases) func recomputedActivationsHaveTheSameBits(recomputed: Recomputed) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            func train(_ ranks: Int, shards: Int?) throws -> String {
                try Self.train(ranks, in: root.appendingPathComponent("\(ranks)-\(shards ?? 1)")) { _ in
                    try Self.plan("nt_xent", shards: shards, recomputed: recomputed)
                }
            }
            let whole = try train(1, shards: 4)
            for ranks in [2, 4] {
                #expect(try RunFiles(train(ranks, shards: 4)) == RunFiles(whole), "\(ranks) ranks")
            }
            let plain = try Self.weights(try train(1, shards: nil))
            for (name, weights) in try Self.weights(whole) {
                #expect(relativeError(weights, try #require(plain[name])) < 2e-4, "\(name)")
            }
        }
    }

    /// Eleven clips in three shards of 3, 4 and 4.
    @Test func shardsNeedNotBeOfOneSize() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let plain = try Self.weights(
                try Self.train(1, in: root.appendingPathComponent("1")) { _ in
                    try Self.plan("nt_xent", shards: nil, clips: 11)
                })
            let three = try Self.weights(
                try Self.train(3, in: root.appendingPathComponent("3")) { _ in
                    try Self.plan("nt_xent", shards: nil, clips: 11)
                })
            for (name, weights) in three {
                #expect(relativeError(weights, try #require(plain[name])) < 2e-4, "\(name)")
            }
        }
    }

    @Test func aRunGoesOnOnAnotherNumberOfProcesses() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            Interrupt.clear()
            defer { Interrupt.clear() }
            func plan(stopAfter last: Int? = nil) throws -> TrainingPlan {
                var plan = try Self.plan("moco", shards: nil, steps: 6)
                let step = plan.step
                plan.step = { batch, number in
                    if number == last { Interrupt.request() }
                    return try step(batch, number)
                }
                return plan
            }
            let whole = try Self.train(4, in: root.appendingPathComponent("whole")) { _ in try plan() }
            for ranks in [1, 2] {
                let runs = root.appendingPathComponent("\(ranks)")
                // One rank is asked to stop; all stop after the same step.
                let error = #expect(throws: KitError.self) {
                    try Self.train(4, in: runs) { try plan(stopAfter: $0 == 2 ? 3 : nil) }
                }
                #expect(error?.kind == .tryAgain && error?.message.contains("stopped after step 3 of 6") == true)
                Interrupt.clear()
                let resumed = try Self.train(ranks, in: runs, resume: .newest) { _ in try plan() }
                #expect(try RunFiles(resumed) == RunFiles(whole), "\(ranks) ranks")
            }
        }
    }

    @Test func whatOneProcessFindsEndsAll() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let results = ThreadRanks.run(3) { group in
                var plan = try Self.plan("nt_xent", shards: nil, clips: 9)
                let step = plan.step
                plan.step = { batch, number in
                    guard group.rank == 1, number == 2, let batch = batch as? TinyBatch else {
                        return try step(batch, number)
                    }
                    return .object(try batch.video.sum() * .nan)
                }
                let settings = RunSettings(command: ["tiny"], runsFolder: root.path)
                return try Trainer(plan, settings: settings, log: RunLog(verbosity: -1)).run().folder
            }
            for (rank, result) in results.enumerated() {
                let error = #expect(throws: KitError.self) { try result.get() }
                #expect(error?.kind == .nonFinite)
                #expect(error?.message.contains("rank 1 on host1: ") == (rank != 1))
                #expect(error?.message.contains("tiny/0/1/3, tiny/0/1/4, tiny/0/1/5") == true)
            }
        }
    }

    @Test func processesThatDifferAreRefused() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let error = #expect(throws: KitError.self) {
                try Self.train(2, in: root) { rank in
                    var plan = try Self.plan("nt_xent", shards: 4)
                    if rank == 1 { plan.modules.removeLast() }
                    return plan
                }
            }
            #expect(error?.kind == .configuration)
            #expect(error?.message.contains("the weights of rank 1 on host1") == true, "\(error?.message ?? "")")
        }
    }

    @Test func shardsThatDoNotDivideAreRefused() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let error = #expect(throws: KitError.self) {
                try Self.train(2, in: root) { _ in try Self.plan("nt_xent", shards: 3) }
            }
            #expect(error?.message.contains("3 shards cannot be shared by 2 processes") == true)
        }
    }
}
