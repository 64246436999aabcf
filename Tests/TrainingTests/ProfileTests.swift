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
