import Kit
import Plugins
import TestSupport
import Testing

/// The layers that recipes compose, against PyTorch.
@Suite struct LayerTests {
    private func layer(_ name: String, _ options: [(key: String, value: OptionValue)]) throws -> Module {
        let plugin = try PluginRegistry.shared.make(kind: "layer", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? Module)
    }

    private func filled(_ name: String, _ options: [(key: String, value: OptionValue)]) throws -> Module {
        let module = try layer(name, options)
        try FormulaWeights.fill(module)
        return module
    }

    private func lists(_ each: OracleCase, _ names: [String]) throws -> [(key: String, value: OptionValue)] {
        try names.map { ($0, try each.ints($0).optionValue) }
    }

    @Test func convolutionsOfOneToThreeAxesEqualPyTorchs() throws {
        try Oracle("layers").check("convolution") { each in
            let options = try lists(each, ["channels", "kernel", "stride", "padding"])
            return try filled("convolution", options + [("groups", .int(try each.int("groups")))])(each["x"])
        }
    }

    @Test func poolsOfOneToThreeAxesEqualPyTorchs() throws {
        for name in ["max_pool", "mean_pool"] {
            try Oracle("layers").check(name) { each in
                try layer(name, lists(each, ["kernel", "stride", "padding"]))(each["x"])
            }
        }
    }

    @Test func normsLinearLayersAndLSTMsEqualPyTorchs() throws {
        let oracle = try Oracle("layers")
        try oracle.check("batch_norm") { try filled("batch_norm", [("channels", .int($0.int("channels")))])($0["x"]) }
        try oracle.check("layer_norm") { try filled("layer_norm", [("features", .int($0.int("features")))])($0["x"]) }
        try oracle.check("linear") { try filled("linear", lists($0, ["widths"]))($0["x"]) }
        try oracle.check("lstm") { each in
            let options: [(key: String, value: OptionValue)] = [
                ("layers", .int(try each.int("layers"))), ("bidirectional", .bool(true)),
            ]
            return try filled("lstm", lists(each, ["widths"]) + options)(each["x"])
        }
    }

    @Test func activationsEqualPyTorchs() throws {
        try Oracle("layers").check("activation") {
            try layer("activation", [("kind", .string($0.string("word")))])($0["x"])
        }
    }

    @Test func freshWeightsHavePyTorchsBounds() throws {
        WeightSeed.reset(3)
        let options: [(key: String, value: OptionValue)] = [
            ("channels", [8, 16].optionValue), ("kernel", [3, 3].optionValue),
        ]
        let uniform = try layer("convolution", options).namedParameters()
        let bound = 1 / Float(72).squareRoot()
        for (name, tensor) in uniform {
            let largest = tensor.values.map(\.magnitude).max() ?? 0
            #expect(largest <= bound && largest > 0.8 * bound, "\(name)")
        }
        let normal = try layer("convolution", options + [("weights", .string("he"))]).namedParameters()
        let deviation = try normal[0].tensor.variance().sqrt().item()
        #expect(
            abs(deviation - (2 / Float(16 * 9)).squareRoot()) < 0.01 && normal[1].tensor.values.allSatisfy { $0 == 0 })
    }

    @Test func containersApplyTheirModules() throws {
        let x = Pattern.tensor("containers", [3, 4])
        let (a, b) = (
            try layer("linear", [("widths", [4, 4].optionValue)]),
            try layer("linear", [("widths", [4, 4].optionValue)])
        )
        func list(_ modules: Module...) -> OptionValue { .list(modules.map { .object($0) }) }
        #expect(try layer("chain", [("modules", list(a, b))])(x).values == b(a(x)).values)
        #expect(
            try layer("branches", [("modules", list(a, b))])(x).values == Tensor.concat([a(x), b(x)], axis: 1).values)
        let sum = try layer("branches", [("modules", list(a, b)), ("join", .string("sum"))])
        #expect(try sum(x).values == (a(x) + b(x)).values)
        let residual = try layer("residual", [("body", .object(a)), ("activation", .string("relu"))])
        #expect(try residual(x).values == (a(x) + x).relu().values)
        let other = try layer("residual", [("body", .object(a)), ("shortcut", .object(b))])
        #expect(try other(x).values == (a(x) + b(x)).values)
        let error = #expect(throws: KitError.self) {
            try layer("residual", [("body", .object(layer("linear", [("widths", [4, 5].optionValue)])))])(x)
        }
        #expect(error?.message.contains("the body gives [3, 5], and the input is [3, 4]") == true)
    }

    @Test func layersOfTransformersStartAsTheySay() throws {
        WeightSeed.reset(5)
        let options: [(key: String, value: OptionValue)] = [("width", .int(64)), ("heads", .int(4))]
        let xavier = try layer("transformer_block", options + [("weights", .string("xavier"))])
        for (name, tensor) in xavier.namedParameters() {
            let largest = tensor.values.map(\.magnitude).max() ?? 0
            if name.hasSuffix("bias") { #expect(largest == 0, "\(name)") }
            guard tensor.shape.rank == 2 else { continue }
            let bound = (6 / Float(tensor.shape[0] + tensor.shape[1])).squareRoot()
            #expect(largest <= bound && largest > 0.95 * bound, "\(name)")
        }
        let chain = try layer("transformer", options + [("depth", .int(3)), ("drop_path", .number(0.2))])
        #expect(chain.namedModules("").compactMap { ($0.module as? DropPath)?.probability } == [0, 0.1, 0.2])
        let shared = try layer("transformer_block", options + [("shared", .object(xavier))])
        #expect(
            shared.namedParameters().count { own in xavier.namedParameters().contains { $0.tensor === own.tensor } }
                == 12)
        let copy = try shared.copied()
        #expect(copy.tensor0.values == shared.tensor0.values && copy.tensor0 !== shared.tensor0)
        let error = #expect(throws: KitError.self) {
            try layer(
                "transformer_block", [("width", .int(32)), ("heads", .int(4)), ("shared", .object(xavier))])
        }
        #expect(
            error?.message
                == "kit.layer.transformer_block: option 'shared' must be a transformer block of width 32 with 4 heads, but is TransformerBlock(64, 4 heads)"
        )
        let marked = try layer("positions", [("width", .int(8)), ("grid", .int(5)), ("modality", .bool(true))])
        #expect(marked.namedParameters().map(\.name) == ["modality", "positions.position_embeddings"])
    }

    @Test func copiesOfContainersShareNoWeights() throws {
        let inner = try layer("linear", [("widths", [4, 4].optionValue)])
        let chain = try layer("chain", [("modules", .list([.object(inner)]))])
        let copy = try chain.copied()
        #expect(copy.namedParameters().map(\.name) == ["0.weight", "0.bias"])
        #expect(copy.tensor0.values == inner.tensor("weight").values && copy.tensor0 !== inner.tensor("weight"))
    }

    @Test(arguments: [
        ("linear", "widths", OptionValue.list([.int(3)]), "option 'widths' must be { in, out }"),
        (
            "convolution", "kernel", .list([.int(1), .int(1), .int(1), .int(1)]),
            "option 'kernel' must be one to three extents"
        ),
        (
            "convolution", "stride", .list([.int(1), .int(2)]),
            "option 'stride' must be one number, or one for each of the 1 axes"
        ),
        ("convolution", "groups", .int(2), "option 'groups' must divide the channels { 3, 4 }, but is 2"),
        ("max_pool", "padding", .int(2), "option 'padding' must be at most half the kernel"),
        ("dropout", "probability", .int(1), "option 'probability' must be from 0 up to but not including 1"),
        ("batch_norm", "channels", .list([.int(1), .int(2)]), "option 'channels' must be one value (integer)"),
        ("activation", "kind", .string("silu"), "did you mean 'swish'?"),
        ("attention", "heads", .int(5), "option 'heads' must divide the width 8, as 4 does, but is 5"),
        ("transformer_block", "heads", .int(3), "option 'heads' must divide the width 8, as 2 does, but is 3"),
        ("transformer", "layer_scale", .number(2), "option 'layer_scale' must be 0 to 1, but is 2.0"),
        ("patches", "size", .list([.int(0)]), "option 'size' must be one to three extents of 1 to 4096"),
        ("positions", "grid", .list([.int(2), .int(3), .int(4)]), "option 'width' must be a multiple of 6"),
        ("drop_path", "probability", .int(1), "option 'probability' must be from 0 up to but not including 1"),
    ]) func wrongOptionsAreExplained(_ name: String, _ option: String, _ value: OptionValue, _ message: String) {
        var options: [(key: String, value: OptionValue)] =
            name == "convolution" ? [("channels", [3, 4].optionValue), ("kernel", .int(3))] : []
        if name == "max_pool" { options = [("kernel", .int(3))] }
        if ["attention", "transformer_block", "transformer"].contains(name) {
            options = [("width", .int(8)), ("heads", .int(2))] + (name == "transformer" ? [("depth", .int(1))] : [])
        }
        if name == "patches" { options = [("channels", [3, 4].optionValue)] }
        if name == "positions" { options = [("width", .int(8)), ("kind", .string("sine"))] }
        options.removeAll { $0.key == option }
        let error = #expect(throws: KitError.self) { try layer(name, options + [(option, value)]) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}

extension Module {
    fileprivate var tensor0: Tensor { namedParameters()[0].tensor }
}
