import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LinearProbe.self) }

/// Logistic regression, solved to its unique minimum.
final class LinearProbe: Probe {
    static let name = "linear"
    static let summary =
        "Logistic regression on frozen features: softmax for one class per item, otherwise a sigmoid for each label; the "
        + "strength of its L2 penalty is chosen on the validation items."
    static let reference =
        "Kornblith et al. 2019 (arXiv 1805.08974), section A.3: L-BFGS, L2 swept on validation items, then fitted to all; "
        + "scikit-learn's LogisticRegression with C = 1 / (l2 · items)."

    @Param(
        "Strength of the L2 penalty: half of it times the squared weights is added to the mean loss. Of several numbers, the best is chosen.",
        from: .ours)
    var l2: OneOrMore<Double> = OneOrMore([10, 1, 0.1, 1e-2, 1e-3, 1e-4, 1e-5])
    @Param("Whether to scale each feature to mean 0 and standard deviation 1 over the training items.", from: .ours)
    var standardise: Bool = true
    @Param("Whether to train again on training and validation items with the chosen strength.", from: .inferred)
    var refit: Bool = true
    @Param("Stops when no partial derivative is larger.", in: 1e-12...1, from: .ours) var tolerance: Double = 1e-6
    @Param("Maximum number of steps.", in: 1...1_000_000, from: .ours) var iterations: Int = 1000

    var choosesByValidation: Bool { l2.values.count > 1 }

    init() {}

    func validate() throws {
        if let bad = l2.values.first(where: { !($0 >= 0) }) {
            throw KitError.usage("option 'l2' must be 0 or more, but is \(bad)")
        }
    }

    func fit(_ task: ProbeTask) throws -> FittedProbe {
        let candidates = l2.values.sorted(by: >)
        var (scale, fits) = try solve(task.train, candidates)
        let best = try task.best(of: Array(candidates.indices)) { index, features in
            LogisticRegression.scores(scale.applied(to: features), fits[index], task.train.labels)
        }
        if refit, choosesByValidation, let valid = task.valid {
            (scale, fits) = try solve(task.train.with(valid), [candidates[best]])
        } else {
            fits = [fits[best]]
        }
        let (labels, weights, scaled) = (task.train.labels, fits[0], scale)
        return FittedProbe(choices: choosesByValidation ? [("l2", candidates[best])] : []) { features in
            LogisticRegression.scores(scaled.applied(to: features), weights, labels)
        }
    }

    /// The weights for each strength, each starting from those of the next stronger.
    private func solve(
        _ part: ProbeTask.Items, _ strengths: [Double]
    ) throws -> (FeatureScale, [LogisticRegression.Weights]) {
        let scale = standardise ? FeatureScale(of: part.features) : FeatureScale(identity: part.features.shape[1])
        let regression = LogisticRegression(scale.applied(to: part.features), part.labels)
        let solver = LBFGS(tolerance: tolerance, iterations: iterations)
        var weights = regression.zeros
        let fits = try strengths.map { strength in
            try regression.fit(&weights, l2: strength, solver: solver)
            return weights
        }
        return (scale, fits)
    }
}
