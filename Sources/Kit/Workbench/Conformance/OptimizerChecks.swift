import KitCore
import KitModel
import KitTensor

extension ConformanceCheck {
    static let optimizerDescent = ConformanceCheck(
        "descent", "Steps lower a quadratic loss; a weight without a gradient does not change."
    ) { subject in
        guard let optimizer = try optimizer(subject) else { return nil }
        var problem = Quadratic()
        let idle = Tensor(repeating: 2, [3])
        let stepper = try optimizer.stepper(for: problem.weights + [("idle", idle)])
        let before = problem.loss
        for _ in 0..<20 { try problem.step(stepper, optimizer) }
        var faults: [String] = []
        if !(problem.loss < before) {
            faults.append("after 20 steps the loss is \(problem.loss), but it was \(before) before")
        }
        if idle.values != [2, 2, 2] { faults.append("a weight without a gradient becomes \(idle.values)") }
        if stepper.stepCount != 20 { faults.append("after 20 steps stepCount is \(stepper.stepCount)") }
        return faults
    }

    static let optimizerState = ConformanceCheck(
        "state", "With the saved state and number of steps, another stepper continues with the same bits."
    ) { subject in
        guard let optimizer = try optimizer(subject) else { return nil }
        var (problem, copy) = (Quadratic(), Quadratic())
        let (first, second) = (
            try optimizer.stepper(for: problem.weights), try optimizer.stepper(for: copy.weights)
        )
        for _ in 0..<3 { try problem.step(first, optimizer) }
        for (own, other) in zip(first.state + problem.weights, second.state + copy.weights) {
            if own.name != other.name || own.tensor.shape != other.tensor.shape {
                return ["the state of another stepper has '\(other.name)' where this one has '\(own.name)'"]
            }
            other.tensor.pointer.update(from: own.tensor.pointer, count: own.tensor.count)
        }
        second.stepCount = first.stepCount
        for _ in 0..<2 {
            try problem.step(first, optimizer)
            try copy.step(second, optimizer)
        }
        return zip(problem.weights, copy.weights).compactMap { own, other in
            own.tensor.values == other.tensor.values
                ? nil : "'\(own.name)' differs two steps after it was resumed: something is missing in the state"
        }
    }

    private static func optimizer(_ subject: ConformanceSubject) throws -> (any Optimizer)? {
        guard subject.declaration.type is any Optimizer.Type else { return nil }
        return try subject.make() as? any Optimizer
    }
}

/// The sum of (w - 1)² over a matrix and a vector.
private struct Quadratic {
    let weights: [(name: String, tensor: Tensor)]

    init() {
        var random = RandomStream(seed: 5)
        weights = [("weight", .uniform([4, 5], -1, 0, &random)), ("bias", .uniform([4], 2, 3, &random))]
    }

    var loss: Double { weights.flatMap(\.tensor.values).reduce(0) { $0 + Double(($1 - 1) * ($1 - 1)) } }

    mutating func step(_ stepper: any OptimizerStepper, _ optimizer: any Optimizer) throws {
        for (_, tensor) in weights { tensor.grad = Tensor(tensor.values.map { 2 * ($0 - 1) }, tensor.shape) }
        try stepper.step(rate: optimizer.learningRate)
    }
}
