import KitCore
import KitModel
import KitTensor

/// Checks of losses with state, and of those that draw random numbers.
extension ConformanceCheck {
    static let lossRepeats = ConformanceCheck(
        "repeats",
        "The same step draws the same random numbers: its loss and gradients have the same bits on one thread and on two."
    ) { subject in
        guard subject.declaration.type is any Loss.Type else { return nil }
        let runs = try onOneAndTwoThreads {
            // Fresh state is random, and the same for both runs.
            let fresh = try WeightSeed.apart(seed: 1) {
                let made = try loss(subject)
                _ = (made as? any StatefulLoss)?.state
                return made
            }
            guard let fresh else { return [] }
            let (a, b) = views()
            for tensor in [a, b] { tensor.requiresGrad = true }
            let value = try step(0) { try fresh(a, b) }
            if value.needsGrad { try value.backward() }
            return [value] + [a, b].compactMap(\.grad)
                + ((fresh as? any StatefulLoss)?.state.stateEntries().map(\.tensor) ?? [])
        }
        return runs[0] == runs[1]
            ? [] : ["the same step gives different bits: draw from StepRandom.next, and keep nothing outside the state"]
    }

    static let lossState = ConformanceCheck(
        "resume",
        "State that was saved and loaded continues with the same values, and its tensors have different names."
    ) { subject in
        guard subject.declaration.type is any Loss.Type, let (saved, resumed) = try two(of: subject) else { return nil }
        let names = Dictionary(saved.state.stateEntries().map { ($0.name, 1) }, uniquingKeysWith: +)
        var faults = names.filter { $0.value > 1 }.keys.sorted().map { "two tensors are registered as '\($0)'" }
        if names.isEmpty { faults.append("its state has no parameters and no buffers") }
        guard faults.isEmpty else { return faults }
        for number in 0..<2 { _ = try trained(saved, number) }
        try copy(saved.state, to: resumed.state)
        for number in 2..<4 {
            let (own, other) = (try trained(saved, number), try trained(resumed, number))
            if own != other {
                return ["step \(number - 1) after it was loaded differs: something is missing in the state"]
            }
        }
        return zip(saved.state.stateEntries(), resumed.state.stateEntries()).compactMap { own, other in
            own.tensor.values == other.tensor.values ? nil : "'\(own.name)' differs two steps after it was loaded"
        }
    }

    /// Two instances of a loss with state, whose fresh values differ if they are random.
    private static func two(
        of subject: ConformanceSubject
    ) throws -> (any StatefulLoss, any StatefulLoss)? {
        func made(_ seed: Int) throws -> (any StatefulLoss)? {
            try WeightSeed.apart(seed: seed) {
                let made = try loss(subject) as? any StatefulLoss
                _ = made?.state
                return made
            }
        }
        guard let one = try made(3), let other = try made(4) else { return nil }
        return (one, other)
    }

    /// The value of one step with views of its own.
    private static func trained(_ loss: any StatefulLoss, _ number: Int) throws -> [Float] {
        let (a, b) = views(seed: 10 + number)
        for tensor in [a, b] { tensor.requiresGrad = true }
        return try step(number) {
            let value = try loss(a, b)
            if value.needsGrad { try value.backward() }
            return value
        }.values
    }

    /// Runs `body` as a training step, with the random numbers of its number.
    private static func step<Result>(_ number: Int, _ body: () throws -> Result) rethrows -> Result {
        try StepScope.run { try StepRandom.apart(piece: number, body) }
    }
}
