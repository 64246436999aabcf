import Kit
import Plugins
import TestSupport
import Testing

@Suite(.alone("the instruction set")) struct OptimizerTests {
    private func make(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> any Optimizer {
        let plugin = try PluginRegistry.shared.make(kind: "optimizer", name: name, options: Options(named: options))
        return try #require(plugin as? any Optimizer)
    }

    /// Five steps on the case's weights with the case's gradients.
    private func run(_ each: OracleCase, _ optimizer: any Optimizer) throws -> [Tensor] {
        let weights = ["weight", "bias"].map { (name: $0, tensor: each[$0].copied()) }
        let stepper = try optimizer.stepper(for: weights)
        for step in 0..<5 {
            for (name, tensor) in weights {
                let isSkipped = try each.bool("late") && step == 0 && name == "weight"
                tensor.grad = isSkipped ? nil : each["\(name).\(step)"]
            }
            try stepper.step(rate: optimizer.learningRate)
        }
        #expect(stepper.stepCount == 5)
        return weights.map(\.tensor)
    }

    private func numbers(_ each: OracleCase, _ names: [String]) throws -> [(key: String, value: OptionValue)] {
        try names.map { ($0, .number(try each.number($0))) }
    }

    @Test func sgdEqualsPyTorch() throws {
        try Oracle("optimizers").checkAll("sgd", within: 1e-6) { each in
            let flags = [
                ("nesterov", OptionValue.bool(try each.bool("nesterov"))),
                ("decay_all", .bool(try each.bool("decay_all"))),
            ]
            return try run(each, make("sgd", try numbers(each, ["learning_rate", "momentum", "weight_decay"]) + flags))
        }
    }

    @Test func larsEqualsLightly() throws {
        try Oracle("optimizers").checkAll("lars", within: 1e-6) { each in
            let options = try numbers(each, ["learning_rate", "momentum", "weight_decay", "trust"])
            return try run(each, make("lars", options + [("nesterov", .bool(try each.bool("nesterov")))]))
        }
    }

    @Test func adamwEqualsPyTorch() throws {
        try Oracle("optimizers").checkAll("adamw", within: 1e-6) { each in
            let options = try numbers(each, ["learning_rate", "beta1", "beta2", "epsilon", "weight_decay"])
            return try run(each, make("adamw", options + [("decay_all", .bool(try each.bool("decay_all")))]))
        }
    }

    @Test func adamEqualsPyTorch() throws {
        try Oracle("optimizers").checkAll("adam", within: 1e-6) { each in
            let options = try numbers(each, ["learning_rate", "beta1", "beta2", "epsilon", "weight_decay"])
            return try run(each, make("adam", options + [("decay_all", .bool(try each.bool("decay_all")))]))
        }
    }

    @Test func lionEqualsLionPytorch() throws {
        try Oracle("optimizers").checkAll("lion", within: 1e-6) { each in
            let options = try numbers(each, ["learning_rate", "beta1", "beta2", "weight_decay"])
            return try run(each, make("lion", options + [("decay_all", .bool(try each.bool("decay_all")))]))
        }
    }

    @Test func muonEqualsPyTorch() throws {
        try Oracle("optimizers").checkAll("muon", within: 1e-5) { each in
            let options = try numbers(each, ["learning_rate", "momentum", "weight_decay", "other_learning_rate"])
            return try run(each, make("muon", options + [("nesterov", .bool(try each.bool("nesterov")))]))
        }
    }

    @Test(arguments: ["sgd", "lars", "adamw", "adam", "lion", "muon"]) func restoredStateGoesOnBitForBit(_ name: String)
        throws
    {
        let optimizer = try make(name)
        func parameters() -> [(name: String, tensor: Tensor)] {
            [("w", Pattern.tensor("w", [70, 50])), ("b", Pattern.tensor("b", [50]))]
        }
        func steps(_ stepper: any OptimizerStepper, _ tensors: [(name: String, tensor: Tensor)], _ range: Range<Int>)
            throws
        {
            for step in range {
                for (name, tensor) in tensors { tensor.grad = Pattern.tensor("\(name)/\(step)", tensor.shape) }
                try stepper.step(rate: 0.01)
            }
        }
        let whole = parameters()
        try steps(optimizer.stepper(for: whole), whole, 0..<6)

        let first = parameters()
        let before = try optimizer.stepper(for: first)
        try steps(before, first, 0..<3)
        let after = try optimizer.stepper(for: first)
        #expect(Set(before.state.map(\.name)).count == before.state.count)
        for (saved, fresh) in zip(before.state, after.state) {
            #expect(saved.name == fresh.name)
            fresh.tensor.pointer.update(from: saved.tensor.pointer, count: saved.tensor.count)
        }
        after.stepCount = before.stepCount
        try steps(after, first, 3..<6)
        for (one, other) in zip(whole, first) { #expect(one.tensor.values == other.tensor.values) }
    }

    @Test func averagesMoveTowardsTheirValues() throws {
        try InstructionSet.forEachAvailable { _ in
            var random = RandomStream(seed: 4)
            // Ends that fill no vector, and more than a tile.
            let shapes: [Shape] = [[3], [31, 7], [1, 40_001]]
            let values = shapes.map { Tensor.uniform($0, -1, 1, &random) }
            let averages = shapes.map { Tensor.uniform($0, -1, 1, &random) }
            let expected = zip(averages, values).map { average, value in
                zip(average.values, value.values).map { Double($0) + 0.25 * (Double($1) - Double($0)) }
            }
            OptimizerUpdate.average(averages, with: values, decay: 0.75)
            for (average, expected) in zip(averages, expected) { #expect(relativeError(average, expected) < 1e-6) }
        }
    }

    @Test func nesterovNeedsMomentum() throws {
        #expect(throws: KitError.self) { try make("sgd", [("nesterov", .bool(true)), ("momentum", .number(0))]) }
    }
}
