import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// The losses against those of lightly, pytorch-metric-learning and PyTorch, values and gradients.
@Suite struct LossTests {
    private func make(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> any Loss {
        let plugin = try PluginRegistry.shared.make(kind: "loss", name: name, options: Options(named: options))
        return try #require(plugin as? any Loss)
    }

    /// The loss of a case whose options are the loss's own.
    private func check(_ name: String, options names: [String]) throws {
        try Oracle("losses").check(name) { each in
            let options = try names.filter(each.hasOption).map {
                (key: $0, value: OptionValue.number(try each.number($0)))
            }
            let loss = try make(name, options)
            return try loss.callAsFunction(each["a"], each["b"])
        }
    }

    @Test func dclEqualsLightlys() throws { try check("dcl", options: ["temperature", "sigma"]) }
    @Test func barlowTwinsEqualsLightlys() throws { try check("barlow_twins", options: ["lambda"]) }
    @Test func negativeCosineSimilarityEqualsLightlys() throws { try check("negative_cosine_similarity", options: []) }

    @Test func vicregEqualsLightlys() throws {
        try check("vicreg", options: ["invariance", "variance", "covariance"])
    }

    @Test func tripletsWithinABatchEqualPyTorchs() throws {
        try Oracle("losses").check("triplet") { each in
            let loss = try make(
                "triplet",
                [("margin", .number(try each.number("margin"))), ("negatives", .string(try each.string("negatives")))])
            return try loss(each["a"], each["b"])
        }
    }

    /// As a recipe calls it, with a third tensor.
    private func call(_ loss: any Loss, _ arguments: [OptionValue]) throws -> Tensor {
        let method = try #require(type(of: loss).scriptMethods.first { $0.name == "__call" })
        return try ObjectOption<Tensor>(option: method.call(loss, arguments)).object
    }

    @Test func givenTripletsEqualPyTorchs() throws {
        try Oracle("losses").check("triplet_given") { each in
            let loss = try make("triplet", [("margin", .number(try each.number("margin")))])
            return try call(loss, ["a", "b", "c"].map { .object(each[$0]) })
        }
    }

    @Test func supconEqualsPyTorchMetricLearnings() throws {
        try Oracle("losses").check("supcon") { each in
            let loss = try make("supcon", [("temperature", .number(try each.number("temperature")))])
            let views = each.inputs.keys.sorted().map { OptionValue.object(each[$0]) }
            let labels = try each.ints("labels").map { OptionValue.string("class \($0)") }
            return try call(loss, views + (labels.isEmpty ? [] : [.list(labels)]))
        }
    }

    @Test func supconOfTwoViewsIsNTXent() throws {
        let (a, b) = (Pattern.tensor("supcon/a", [12, 7]), Pattern.tensor("supcon/b", [12, 7]))
        let (supcon, ntXent) = (try make("supcon"), try make("nt_xent"))
        let (one, other) = (try supcon.callAsFunction(a, b).item(), try ntXent.callAsFunction(a, b).item())
        #expect(abs(one - other) < 1e-5 * other)
    }

    @Test func anyKindOfLabelWillDo() throws {
        let (a, b) = (Pattern.tensor("labels/a", [4, 5]), Pattern.tensor("labels/b", [4, 5]))
        let loss = try make("supcon")
        func value(_ labels: [OptionValue]) throws -> Float {
            try call(loss, [.object(a), .object(b), .list(labels)]).item()
        }
        let films = try value([.string("x"), .string("y"), .string("x"), .string("z")])
        #expect(try films == value([.int(1), .int(2), .int(1), .int(3)]))
        #expect(try films != value([.string("1"), .int(1), .bool(true), .int(3)]))
    }

    @Test func badInputIsNamed() throws {
        let wide = OptionValue.object(Tensor.ones([4, 8]))
        let narrow = OptionValue.object(Tensor.ones([4, 7]))
        for (name, arguments, words) in [
            ("supcon", [wide], "the second argument, 'b', is missing: it takes (a, b, [more])"),
            (
                "nt_xent", [wide, .table(Options(named: [("temperature", .number(1))]))],
                "the second argument, 'b', is missing: it takes (a, b), and its options belong in kit.loss.nt_xent { ... }"
            ),
            (
                "nt_xent", [wide, .table(Options(named: [("heat", .number(1))]))],
                "argument 'b' must be a tensor, but is"
            ),
            ("supcon", [wide, wide, narrow], "supcon: expected two batches of embeddings of one shape"),
            ("supcon", [wide, wide, .list([.int(1)])], "a label for each of the 4 clips of the batch, given 1"),
            ("supcon", [wide, wide, .list([wide])], "a label must be a string, number or boolean, but is a tensor"),
            ("triplet", [wide, wide, narrow], "triplet: expected two batches of embeddings of one shape"),
            ("triplet", [wide, wide, .int(3)], "argument 'negatives' must be"),
        ] {
            let loss = try make(name)
            let error = #expect(throws: KitError.self) { try call(loss, arguments) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        let one = Tensor.ones([1, 8])
        for name in ["dcl", "barlow_twins", "vicreg", "triplet", "supcon", "clip"] {
            let loss = try make(name)
            let error = #expect(throws: KitError.self) { try loss(one, one) }
            #expect(error?.message.contains("\(name): expected a batch of at least 2, since") == true)
        }
        let error = #expect(throws: KitError.self) { try make("dcl", [("sigma", .int(0))]) }
        #expect(error?.message == "kit.loss.dcl: option 'sigma' must be above 0, but is 0.0")
    }
}
