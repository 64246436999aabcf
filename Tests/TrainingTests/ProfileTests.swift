import Foundation
import Kit
import Plugins
import TestSupport
import Testing

@Suite(.serialized) struct ProfileTests {
    @Test func opsLayersAndFlopsAreNoted() throws {
        var random = RandomStream(seed: 1)
        let convolution = Convolution(3, 5, kernel: [3, 3], &random)
        let network = Chain([convolution, Activate.relu])
        let profiler = Profiler(
            names: Dictionary(uniqueKeysWithValues: network.namedModules("net").map { (ObjectIdentifier($0.1), $0.0) }))
        let x = Tensor.uniform([2, 6, 7, 3], -1, 1, &random)
        x.requiresGrad = true
        Profiler.active = profiler
        profiler.begin()
        try network(x).mean().backward()
        Profiler.span("something else") { _ = Tensor.zeros([4]) }
        Profiler.active = nil
        try network(x).mean().backward()

        #expect(
            profiler.spans.map { "\($0.name) \($0.phase)" } == [
                "conv2d forward", "relu forward", "sum forward", "multiply forward", "multiply backward",
                "sum backward",
                "relu backward", "conv2d backward", "something else step",
            ])
        let convolutions = profiler.spans.filter { $0.name == "conv2d" }
        #expect(convolutions.allSatisfy { $0.layer == "net.0" })
        let flops = Double(2 * 2 * 6 * 7 * 5 * 9 * 3)
        // Backward: the gradients of the input and of the weight.
        #expect(convolutions.map(\.flops) == [flops, 2 * flops])
        #expect(convolutions[0].bytes == 4 * (x.count + 5 * 9 * 3 + 2 * 6 * 7 * 5))
        let ends = zip(profiler.spans, profiler.spans.dropFirst())
        #expect(ends.allSatisfy { $0.start + $0.seconds <= $1.start + 1e-9 } && profiler.spans[0].seconds > 0)
    }

    @Test func aRunShowsTablesAndWritesATrace() throws {
        try Fixtures.withTemporaryFolder { root in
            var said = ""
            var training = TinyTraining()
            training.steps = 4
            let result = try training.run(in: root, profiles: true) { said += $0 }
            #expect(said.contains("profile of 3 steps") && said.contains("by op") && said.contains("audio.0"))
            #expect(said.contains("linear backward") && said.contains("optimizer") && said.contains("of limit"))
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(result.folder)/trace.json"))
            let trace = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
            let events = try #require(trace["traceEvents"] as? [[String: Any]])
            #expect(events.filter { $0["name"] as? String == "wait for data" }.count == 3)
            #expect(events.allSatisfy { $0["ph"] as? String == "X" && ($0["dur"] as? Double ?? -1) >= 0 })
            #expect(Profiler.active == nil)
        }
    }

    /// The spans of a step in which the last shard of this process sleeps before its batch norm, and the seconds that
    /// the step took.
    private static func stepOfShards(
        _ shards: Int, _ group: any ProcessGroup = OneProcess(), sleep: UInt32 = 0
    ) throws -> (spans: [Profiler.Span], seconds: Double) {
        var random = RandomStream(seed: 1)
        let (linear, norm) = (Linear(6, 8, &random), BatchNorm(8))
        let modules: [(String, Module)] = [("linear", linear), ("norm", norm)]
        let profiler = Profiler(
            names: Dictionary(uniqueKeysWithValues: modules.map { (ObjectIdentifier($0.1), $0.0) }))
        let layout = try ShardLayout(shards: shards, rank: group.rank, ranks: group.size)
        let team = ShardTeam(layout, group, parameters: modules.flatMap { $0.1.namedParameters().map(\.tensor) })
        let rows = Tensor.uniform([12, 6], -1, 1, &random)
        Profiler.active = profiler
        defer { Profiler.active = nil }
        profiler.begin()
        let start = SteadyClock.now
        _ = try team.run(batch: 12) { shard in
            let hidden = try linear(rows.slice(axis: 0, shard.rows))
            if shard.index == layout.own.last { usleep(sleep) }
            let features = try norm(hidden)
            try shard.loss("a loss", [features]) { all, _ in try all[0].power(3).mean() }.backward()
        }
        return (profiler.spans, SteadyClock.now - start)
    }

    /// The number of calls of each op in each layer.
    private static func calls(_ spans: [Profiler.Span]) -> [String: Int] {
        Dictionary(grouping: spans.filter { $0.phase != .wait }) { "\($0.layer): \($0.name) \($0.phase)" }
            .mapValues(\.count)
    }

    /// A loss over the whole batch is computed once; everything else once for each shard.
    @Test(arguments: [2, 3]) func opsOfAllShardsAreNoted(shards: Int) throws {
        let (one, several) = (
            Self.calls(try Self.stepOfShards(1).spans), Self.calls(try Self.stepOfShards(shards).spans)
        )
        #expect(Set(one.keys) == Set(several.keys))
        for op in ["linear: linear forward", "linear: linear backward", "norm: batchNorm backward", ": a loss forward"]
        {
            #expect(one[op] == 1 && several[op] == shards, "\(op): \(one[op] ?? 0) and \(several[op] ?? 0)")
        }
        #expect(one[": power forward"] == 1 && several[": power forward"] == 1)
    }

    /// Shards that wait for another one inside batch norm do not count that time, and no moment counts twice.
    @Test func waitingForOtherShardsCountsTowardsNoOp() throws {
        let sleep = 0.03
        let (spans, seconds) = try Self.stepOfShards(3, sleep: UInt32(sleep * 1e6))
        let norms = spans.filter { $0.name == "batchNorm" && $0.phase == .forward }.sorted { $0.row < $1.row }
        #expect(norms.map(\.row) == [1, 2, 3])
        for norm in norms.dropLast() {
            #expect(norm.end - norm.start >= sleep && norm.seconds <= norm.end - norm.start - sleep)
        }
        #expect(norms[2].seconds >= sleep)
        let total = spans.reduce(0) { $0 + ($1.phase == .wait ? 0 : $1.seconds) }
        #expect(total <= seconds && total >= sleep && spans.allSatisfy { $0.seconds >= 0 })
    }

    /// What other processes take has a record of its own.
    @Test func exchangesWithOtherProcessesAreNoted() throws {
        for result in ThreadRanks.run(2, { group in try Self.stepOfShards(4, group) }) {
            let (spans, seconds) = try result.get()
            let norms = spans.filter { $0.name == "batchNorm" }
            #expect(norms.count == 4)
            let exchanges = spans.filter { $0.name == "exchange with other processes" }
            for phase in [Profiler.Phase.forward, .backward] {
                // The last shard of a process exchanges for all of them.
                let norm = try #require(norms.last { $0.phase == phase && $0.row == 2 })
                let inside = exchanges.filter { $0.start >= norm.start && $0.end <= norm.end }
                #expect(inside.count == 1 && norm.seconds <= norm.end - norm.start - inside[0].seconds)
            }
            #expect(spans.contains { $0.name == "wait for gradients" })
            #expect(spans.reduce(0) { $0 + ($1.phase == .wait ? 0 : $1.seconds) } <= seconds)
        }
    }

    @Test func aTraceHasARowForEachShard() throws {
        try Fixtures.withTemporaryFolder { root in
            func rows(_ shards: Int?) throws -> [Int: Int] {
                var training = TinyTraining()
                (training.steps, training.shards) = (2, shards)
                let folder = try training.run(in: root, profiles: true).folder
                let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/trace.json"))
                let trace = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
                let events = try #require(trace["traceEvents"] as? [[String: Any]])
                let ops = events.filter { $0["name"] as? String == "linear" }
                return Dictionary(grouping: ops) { $0["tid"] as? Int ?? 0 }.mapValues(\.count)
            }
            let one = try rows(nil)
            // Two networks of two layers, forward and backward.
            #expect(one == [1: 8])
            #expect(try rows(2) == [2: 8, 3: 8])
        }
    }

    @Test func aRunOfOneStepHasNothingToShow() throws {
        try Fixtures.withTemporaryFolder { root in
            var said = ""
            var training = TinyTraining()
            training.steps = 1
            try training.run(in: root, profiles: true) { said += $0 }
            #expect(said.contains("--profile: a run needs at least two steps"))
        }
    }
}
