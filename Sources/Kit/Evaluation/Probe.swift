import KitCore
import KitData
import KitModel
import KitTensor

/// A small model trained on frozen features, to measure what they contain: `kit.probe.linear {}`.
public protocol Probe: Plugin, ScriptObject {
    /// Whether it chooses by validation, and so needs items apart from the training items.
    var choosesByValidation: Bool { get }
    /// Trains the probe.
    func fit(_ task: ProbeTask) throws -> FittedProbe
}

extension Probe {
    public static var kind: String { "probe" }
    public static var scriptTypeName: String { "probe" }
    public static var scriptSummary: String { "A small model trained on frozen features." }
    public var scriptDescription: String { settings }
}

/// The items that a probe is trained on.
public struct ProbeTask {
    /// [items, features] with the labels of these items.
    public struct Items {
        public let features: Tensor
        public let labels: Labels

        public init(_ features: Tensor, _ labels: Labels) { (self.features, self.labels) = (features, labels) }

        /// Both sets of items, one after the other.
        public func with(_ other: Items) throws -> Items {
            Items(
                try .concat([features, other.features]),
                Labels(
                    classes: labels.classes, isMultiLabel: labels.isMultiLabel, rows: labels.rows + other.labels.rows))
        }
    }

    public let train: Items
    /// The validation items; nil for a probe without a choice.
    public let valid: Items?
    public let seed: Int
    /// The fitness of scores [items, classes] of the validation items; higher is better. `boundary` is as in
    /// ``FittedProbe``.
    public let fitness: (_ scores: Tensor, _ boundary: Double) throws -> Double

    public init(
        train: Items, valid: Items?, seed: Int,
        fitness: @escaping (_ scores: Tensor, _ boundary: Double) throws -> Double
    ) {
        (self.train, self.valid, self.seed, self.fitness) = (train, valid, seed, fitness)
    }

    /// A task in which a metric chooses.
    public init(train: Items, valid: Items?, metric: any Metric, seed: Int) {
        self.init(train: train, valid: valid, seed: seed) { scores, _ in
            guard let valid else { throw KitError(.internalFault, "there are no items to choose by") }
            return try metric.score(Predictions(scores: scores, labels: valid.labels))
        }
    }

    /// The candidate whose scores fit the validation items best; if several are equal, the first. A single candidate is
    /// not measured.
    public func best<Candidate>(
        of candidates: [Candidate], boundary: Double = 0, scores: (Candidate, Tensor) throws -> Tensor
    ) throws -> Candidate {
        guard candidates.count > 1, let valid else { return candidates[0] }
        var best: (candidate: Candidate, score: Double)?
        for candidate in candidates {
            try Interrupt.check()
            let score = try fitness(scores(candidate, valid.features), boundary)
            if best == nil || score > best!.score { best = (candidate, score) }
        }
        return best!.candidate
    }
}

/// A trained probe.
public struct FittedProbe {
    /// Scores [items, classes] of features [items, features].
    public let scores: (_ features: Tensor) throws -> Tensor
    /// The choices by validation: ("l2", 0.01).
    public let choices: [(name: String, value: Double)]
    /// The score at which a label of a multi-label task is as likely as not: 0 for logits, 0.5 for shares.
    public let boundary: Double

    public init(
        choices: [(name: String, value: Double)] = [], boundary: Double = 0,
        scores: @escaping (_ features: Tensor) throws -> Tensor
    ) {
        (self.choices, self.boundary, self.scores) = (choices, boundary, scores)
    }
}
