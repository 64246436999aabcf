import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Losses with parameters or buffers: `clip` and `moco`.
@Suite struct StatefulLossTests {
    private func make(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> any StatefulLoss {
        let plugin = try PluginRegistry.shared.make(kind: "loss", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? any StatefulLoss)
    }

    @Test func clipAndTheGradientOfItsScaleEqualPyTorchs() throws {
        for each in try Oracle("losses").cases("clip") {
            let loss = try make("clip")
            let scale = try #require(loss.state.namedParameters().first)
            #expect(scale.name == "logit_scale" && scale.tensor.values == [Float(-log(0.07))])
            scale.tensor.pointer[0] = try each["logit_scale"].item()
            let value = try loss(each["a"], each["b"])
            each.expect(value, "output.0")
            try value.backward(from: Pattern.tensor("\(each.name)/seed.0", []))
            for (name, tensor) in [("a", each["a"]), ("b", each["b"]), ("logit_scale", scale.tensor)] {
                each.expect(try #require(tensor.grad), "grad.\(name)")
            }
        }
    }

    @Test func theScaleOfClipIsBounded() throws {
        let loss = try make("clip", [("max_scale", .int(20))])
        let scale = try #require(loss.state.namedParameters().first).tensor
        scale.pointer[0] = 7
        let a = Pattern.tensor("clip", [5, 3])
        try loss(a, a * 0.5).backward()
        #expect(scale.values == [Float(log(20.0))] && scale.grad != nil)
    }

    @Test func mocoEqualsLightlysMemoryBank() throws {
        for each in try Oracle("losses").cases("moco") {
            let (keys, features) = (each["queue"].shape[0], each["queue"].shape[1])
            let loss = try make(
                "moco",
                [
                    ("temperature", .number(try each.number("temperature"))), ("queue", .int(keys)),
                    ("features", .int(features)),
                ])
            let queue = try #require(loss.state.namedBuffers().first { $0.name == "queue" }).tensor
            let start = try each["queue"].l2Normalized()
            queue.pointer.update(from: start.pointer, count: start.count)
            for _ in 0..<2 { _ = try loss(each["a"], each["b"]) }
            let value = try loss(each["a"], each["b"])
            each.expect(value, "output.0")
            each.expect(queue, "queue")
            try value.backward(from: Pattern.tensor("\(each.name)/seed.0", []))
            for name in ["a", "b"] { each.expect(try #require(each[name].grad), "grad.\(name)") }
        }
    }

    @Test func theQueueMovesOnInTrainingAloneAndGoesRound() throws {
        let loss = try make("moco", [("queue", .int(5)), ("features", .int(3))])
        let (queue, place) = (loss.state.tensor("queue"), loss.state.tensor("queue_ptr"))
        let fresh = queue.values
        let keys = Pattern.tensor("keys", [3, 3])
        let queries = Pattern.tensor("queries", [3, 3])
        _ = try loss(queries, keys)
        #expect(queue.values == fresh && place.values == [0])
        queries.requiresGrad = true
        _ = try Autograd.noGrad { try loss(queries, keys) }
        #expect(queue.values == fresh)
        let unit = try keys.l2Normalized().values
        for expected in [3, 1] as [Float] {
            _ = try loss(queries, keys)
            #expect(place.values == [expected])
        }
        // The second batch took the places 3, 4 and 0.
        let rows = stride(from: 0, to: 9, by: 3).map { Array(unit[$0..<$0 + 3]) }
        let expected: [[Float]] = [rows[2], rows[1], rows[2], rows[0], rows[1]]
        #expect(queue.values == expected.flatMap { $0 })
    }

    @Test func theFirstKeysFollowTheSeedAndAreOfUnitLength() throws {
        func keys(_ seed: Int) throws -> [Float] {
            WeightSeed.reset(seed)
            return try make("moco", [("queue", .int(4)), ("features", .int(6))]).state.tensor("queue").values
        }
        #expect(try keys(1) == keys(1) && keys(1) != keys(2))
        for row in try stride(from: 0, to: 24, by: 6).map({ try Array(keys(1)[$0..<$0 + 6]) }) {
            #expect(abs(row.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
    }

    @Test func embeddingsOfAnotherWidthAreRefused() throws {
        let loss = try make("moco", [("queue", .int(5)), ("features", .int(3))])
        let error = #expect(throws: KitError.self) { try loss(.ones([2, 4]), .ones([2, 4])) }
        #expect(
            error?.message
                == "moco: its queue has keys of 3 features (option 'features'), given [batch 2, features 4]")
    }
}
