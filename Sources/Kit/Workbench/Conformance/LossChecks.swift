import KitCore
import KitModel
import KitTensor

extension ConformanceCheck {
    static let lossGradients = ConformanceCheck(
        "gradients", "Gradients equal finite differences and are finite."
    ) { subject in
        guard let loss = try loss(subject) else { return nil }
        let state = (loss as? any StatefulLoss)?.state
        // State that a call changes is restored, so that every call computes the same function.
        let buffers = state?.namedBuffers().map { ($0.tensor, $0.tensor.copied()) } ?? []
        // A finite difference across a kink, as of a hinge, is not the gradient. Kinks spoil some draws; a wrong
        // gradient spoils all.
        var fault = ""
        for seed in 1...5 {
            let (a, b) = views(seed: seed)
            do {
                let stopped = loss.inputsWithoutGradient
                let views = [("a", a), ("b", b)].filter { !stopped.contains($0.0) }
                try GradientCheck().run(
                    subject.declaration.name, views + (state?.namedParameters() ?? [])
                ) { _ in
                    for (buffer, value) in buffers { buffer.pointer.update(from: value.pointer, count: value.count) }
                    // A loss with dropout leaves out the same values each time.
                    return try StepRandom.apart(piece: 0) { try loss(a, b) }
                }
                return try stoppedFaults(loss, a, b)
            } catch let error as KitError where error.kind == .internalFault { fault = error.message }
        }
        return [fault]
    }

    /// A line for each input that gets a gradient although the loss declares that it gets none.
    private static func stoppedFaults(_ loss: any Loss, _ a: Tensor, _ b: Tensor) throws -> [String] {
        let stopped = [("a", a), ("b", b)].filter { loss.inputsWithoutGradient.contains($0.0) }
        for (_, tensor) in stopped { (tensor.requiresGrad, tensor.grad) = (true, nil) }
        try loss(a, b).backward()
        return stopped.compactMap { name, tensor in
            tensor.grad.map { $0.values.allSatisfy { $0 == 0 } } ?? true
                ? nil : "input '\(name)' gets a gradient, but the loss declares that it gets none"
        }
    }

    static let lossShapes = ConformanceCheck(
        "shapes", "Two batches of embeddings give a finite scalar; those of two widths, and empty ones, are refused."
    ) { subject in
        guard let loss = try loss(subject) else { return nil }
        let (a, b) = views()
        var faults: [String] = []
        let value = try loss(a, b)
        if value.shape != [] { faults.append("it gives a tensor of shape \(value.shape), not a scalar") }
        if value.nonFiniteCount > 0 { faults.append("it is not finite") }
        for (one, other) in [(a, Tensor.ones([rows, width - 1])), (.zeros([0, width]), .zeros([0, width]))] {
            do {
                _ = try loss(one, other)
                faults.append("it takes batches of shapes \(one.shape) and \(other.shape)")
            } catch is KitError {}
        }
        return faults
    }

    private static let (rows, width) = (6, 5)

    /// The loss for embeddings of the width of `views`; nil if the plugin is not a loss.
    static func loss(_ subject: ConformanceSubject) throws -> (any Loss)? {
        guard subject.declaration.type is any Loss.Type else { return nil }
        return try subject.make(subject.takes("features") ? [("features", .int(width))] : []) as? any Loss
    }

    static func views(seed: Int = 5) -> (Tensor, Tensor) {
        var random = RandomStream(seed: seed)
        let a = Tensor.uniform([rows, width], -1, 1, &random)
        return (a, Tensor.uniform([rows, width], -1, 1, &random))
    }
}
