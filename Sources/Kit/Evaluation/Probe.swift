import KitCore
import KitData
import KitModel
import KitTensor

/// A small model that is learned on frozen features to see what they hold: `kit.probe.linear {}`.
public protocol Probe: Plugin, ScriptObject {
    /// Whether it has something to choose, and so needs items set apart from those it learns from.
    var choosesByValidation: Bool { get }
    /// Learns.
    func fit(_ task: ProbeTask) throws -> FittedProbe
}

extension Probe {
    public static var kind: String { "probe" }
    public static var scriptTypeName: String { "probe" }
    public static var scriptSummary: String { "A small model that is learned on frozen features." }
    public var scriptDescription: String { settings }
}

/// What a probe learns from.
public struct ProbeTask {
    /// [items, features] with the labels of these items.
    public struct Part {
        public let features: Tensor
        public let labels: Labels

        public init(_ features: Tensor, _ labels: Labels) { (self.features, self.labels) = (features, labels) }

        /// Both parts, one after the other.
        public func with(_ other: Part) throws -> Part {
            Part(
                try .concat([features, other.features]),
                Labels(
                    classes: labels.classes, isMultiLabel: labels.isMultiLabel, rows: labels.rows + other.labels.rows))
        }
    }

    public let train: Part
    /// What to choose by; nil for a probe without choice.
    public let valid: Part?
    public let seed: Int
    /// How well scores [items, classes] of the items to choose by fit them, the higher, the better; `boundary` is as in
    /// ``FittedProbe``.
    public let fitness: (_ scores: Tensor, _ boundary: Double) throws -> Double

    public init(
        train: Part, valid: Part?, seed: Int, fitness: @escaping (_ scores: Tensor, _ boundary: Double) throws -> Double
    ) {
        (self.train, self.valid, self.seed, self.fitness) = (train, valid, seed, fitness)
    }

    /// A task in which a metric chooses.
    public init(train: Part, valid: Part?, metric: any Metric, seed: Int) {
        self.init(train: train, valid: valid, seed: seed) { scores, _ in
            guard let valid else { throw KitError(.internalFault, "there are no items to choose by") }
            return try metric.score(Predictions(scores: scores, labels: valid.labels))
        }
    }

    /// The candidate whose scores fit the validation items best; of several, the first. A lone one is not measured.
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

/// What was learned.
public struct FittedProbe {
    /// Scores [items, classes] of features [items, features].
    public let scores: (_ features: Tensor) throws -> Tensor
    /// What was chosen by validation: ("l2", 0.01).
    public let choices: [(name: String, value: Double)]
    /// The score of a label of a multi-label task that is as likely as not: 0 of a logit, 0.5 of a share.
    public let boundary: Double

    public init(
        choices: [(name: String, value: Double)] = [], boundary: Double = 0,
        scores: @escaping (_ features: Tensor) throws -> Tensor
    ) {
        (self.choices, self.boundary, self.scores) = (choices, boundary, scores)
    }
}
