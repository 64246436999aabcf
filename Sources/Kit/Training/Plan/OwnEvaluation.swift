import KitCore
import KitModel
import KitTensor

/// A measurement that a recipe makes itself, every so often during training.
public struct OwnEvaluation {
    /// Steps between measurements; there is also one at the end.
    public let every: Int
    /// Called with the number of steps done and the run's board; returns numbers by name.
    public let run: (_ step: Int, _ board: Board) throws -> [(name: String, value: Double)]

    public init(every: Int, run: @escaping (_ step: Int, _ board: Board) throws -> [(name: String, value: Double)]) {
        (self.every, self.run) = (every, run)
    }

    /// The name of its results in files and curves.
    static let name = "evaluate"

    /// Measures with the modules in evaluation mode and without gradients, and restores their modes.
    func report(step: Int, modules: [Module], board: Board) throws -> EvaluationReport {
        let modes = modules.flatMap { $0.namedModules("") }.map { ($0.module, $0.module.isTraining) }
        for module in modules { module.train(false) }
        // Outer modules come first, so that the modes of the modules inside them are restored after.
        defer { for (module, isTraining) in modes { module.train(isTraining) } }
        let results = try Autograd.noGrad { try run(step, board) }
        if let (name, value) = results.first(where: { !$0.value.isFinite }) {
            throw KitError(.nonFinite, "\(Self.name) at step \(step): '\(name)' is \(value.isNaN ? "NaN" : "\(value)")")
        }
        return EvaluationReport(
            results: results,
            table: [
                "\(Self.name) at step \(step): "
                    + results.map { "\($0.name) \(lossText($0.value))" }.joined(separator: ", ")
            ])
    }
}

/// Which checkpoint is the best one, and when to stop waiting for a better one.
public struct BestRule: Sendable {
    public enum Goal: String, CaseIterable, ChoiceOption, Sendable { case max, min }

    /// The name of the value among the results of the evaluations.
    public let value: String
    public let goal: Goal
    /// The number of evaluations without a better value after which the run ends; nil to go on to the end.
    public let patience: Int?

    public init(value: String, goal: Goal = .max, patience: Int? = nil) {
        (self.value, self.goal, self.patience) = (value, goal, patience)
    }
}

/// Functions of a recipe that are called during a run.
public struct TrainingHooks {
    /// Called after each step. If it returns true, the run ends.
    public var onStep: ((StepFacts, Board) throws -> Bool)?
    /// Called after the last step of each epoch. If it returns true, the run ends.
    public var onEpoch: ((StepFacts, Board) throws -> Bool)?
    /// Called after the last step, before the evaluation at the end.
    public var onEnd: ((StepFacts, Board) throws -> Void)?
    /// Called with what the curves show, by name, after each step and each evaluation, where the run is recorded.
    public var onRecord: ((_ step: Int, _ values: [(name: String, value: Double)]) throws -> Void)?

    public init() {}

    /// What is known about a step.
    public struct StepFacts {
        public let step: Int
        public let steps: Int
        public let epoch: Int
        public let loss: Double
        public let terms: [(name: String, value: Double)]
        public let rate: Double
        public let gradientNorm: Double

        init(_ plan: TrainingPlan, _ made: TimedStep) {
            (step, steps, epoch) = (made.number, plan.steps, plan.epoch(step: made.number))
            (loss, terms, rate) = (made.outcome.loss, made.outcome.terms, made.rate)
            gradientNorm = made.outcome.gradientNorm
        }

        /// The facts as a recipe's table.
        package var scriptValue: OptionValue {
            .table(
                Options(named: [
                    ("step", .int(step)), ("steps", .int(steps)), ("epoch", .int(epoch)), ("loss", .number(loss)),
                    ("terms", .table(Options(named: terms.map { ($0.name, .number($0.value)) }))),
                    ("learning_rate", .number(rate)), ("gradient_norm", .number(gradientNorm)),
                ]))
        }
    }
}
