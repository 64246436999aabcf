import KitCore
import KitModel
import KitTensor

extension ConformanceCheck {
    static let labelLossGradients = ConformanceCheck(
        "label_gradients", "Gradients of the scores equal finite differences and are finite."
    ) { subject in
        guard let loss = try labelLoss(subject) else { return nil }
        return try gradientFaults(loss)
    }

    private static func gradientFaults<Loss: LabelLoss>(_ loss: Loss) throws -> [String] {
        for seed in 1...3 {
            var random = RandomStream(seed: seed)
            let (scores, labels) = Loss.example(rows: rows, &random)
            do {
                try GradientCheck().run(loss.declaration.name, [("scores", scores)]) { _ in try loss(scores, labels) }
            } catch let error as KitError where error.kind == .internalFault { return [error.message] }
        }
        return []
    }

    static let labelLossShapes = ConformanceCheck(
        "label_shapes",
        "Scores with labels give a finite scalar; another number of labels, scores without rows or classes are refused."
    ) { subject in
        guard let loss = try labelLoss(subject) else { return nil }
        return try shapeFaults(loss)
    }

    private static func shapeFaults<Loss: LabelLoss>(_ loss: Loss) throws -> [String] {
        var random = RandomStream(seed: 5)
        let (scores, labels) = Loss.example(rows: rows, &random)
        var faults: [String] = []
        let value = try loss(scores, labels)
        if value.shape != [] { faults.append("it gives a tensor of shape \(value.shape), not a scalar") }
        if value.nonFiniteCount > 0 { faults.append("it is not finite") }
        let empty = Shape(scores.shape.extents.dropLast() + [0])
        for (others, given) in [
            (scores, Array(labels.dropLast())), (scores, []), (.zeros(empty), labels),
            (.zeros(Shape([0] + scores.shape.extents.dropFirst())), []),
        ] {
            do {
                _ = try loss(others, given)
                faults.append("it takes scores \(others.shape) with \(counted(given.count, "label"))")
            } catch is KitError {}
        }
        return faults
    }

    private static let rows = 5

    private static func labelLoss(_ subject: ConformanceSubject) throws -> (any LabelLoss)? {
        guard subject.declaration.type is any LabelLoss.Type else { return nil }
        return try subject.make() as? any LabelLoss
    }
}
