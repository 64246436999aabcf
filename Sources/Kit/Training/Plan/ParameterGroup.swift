import KitCore
import KitModel
import KitTensor

/// Parameters with an optimizer of their own: another learning rate or decay, or another rule.
public struct ParameterGroup {
    /// Covers the full names of the parameters, with those of their modules: "video%.blocks%.%d".
    public let pattern: NamePattern
    public let optimizer: any Optimizer
    /// The factor of its learning rate at a step; nil for that of the run.
    public let factor: RateFactor?

    public init(_ pattern: NamePattern, optimizer: any Optimizer, factor: RateFactor? = nil) {
        (self.pattern, self.optimizer, self.factor) = (pattern, optimizer, factor)
    }
}

/// The factor of a learning rate over a run: a schedule, or a function of the step, counted from 0, and the number of
/// steps.
public struct RateFactor {
    /// The schedule as a recipe would write it; "a function" if it is one.
    let text: String
    /// The schedule; nil for a function.
    public let schedule: (any Schedule)?
    private let body: (_ step: Int, _ total: Int) throws -> Double

    public init(_ schedule: any Schedule) {
        (text, self.schedule) = (schedule.settings, schedule)
        body = schedule.factor
    }

    public init(_ function: @escaping (_ step: Int, _ total: Int) throws -> Double) {
        (text, schedule, body) = ("a function of the step", nil, function)
    }

    /// The factor at a step. Throws unless it is a finite number of 0 or more.
    func value(step: Int, of total: Int) throws -> Double {
        let factor = try body(step, total)
        guard factor.isFinite, factor >= 0 else {
            throw KitError.usage(
                "schedule: the factor at step \(step) of \(total) must be a number of 0 or more, but is \(factor)")
        }
        return factor
    }
}

/// Several optimizers as one: each updates its own parameters at its own learning rate.
final class GroupedStepper: OptimizerStepper {
    private let steppers: [any OptimizerStepper]
    /// The learning rate of each for the next step.
    var rates: [Double] = []

    init(_ steppers: [any OptimizerStepper]) { self.steppers = steppers }

    func step(rate: Double) throws {
        for (index, stepper) in steppers.enumerated() {
            try stepper.step(rate: index < rates.count ? rates[index] : rate)
        }
    }

    var state: [(name: String, tensor: Tensor)] { steppers.flatMap(\.state) }

    var stepCount: Int {
        get { steppers.first?.stepCount ?? 0 }
        set { for stepper in steppers { stepper.stepCount = newValue } }
    }

    func formerPlace(of name: String) -> (vector: String, index: Int)? {
        steppers.lazy.compactMap { $0.formerPlace(of: name) }.first
    }
}

extension TrainingPlan {
    /// The trained parameters of each optimizer: the groups in order, and before them those that no group covers.
    ///
    /// A parameter belongs to the first group that covers it. Throws if a group covers none.
    func byOptimizer(
        _ parameters: [(name: String, tensor: Tensor)]
    ) throws -> [(optimizer: any Optimizer, parameters: [(name: String, tensor: Tensor)])] {
        var parts: [[(name: String, tensor: Tensor)]] = [[]] + groups.map { _ in [] }
        for parameter in parameters {
            let group = groups.firstIndex { $0.pattern.covers(parameter.name) }
            parts[group.map { $0 + 1 } ?? 0].append(parameter)
        }
        for (index, group) in groups.enumerated() where parts[index + 1].isEmpty {
            let covers = parameters.contains { group.pattern.covers($0.name) }
            let hint = NearestName.hint(group.pattern.text.replacing("%", with: ""), in: parameters.map(\.name))
            throw KitError.usage(
                "'groups'[\(index + 1)]: "
                    + (covers
                        ? "all parameters that match \"\(group.pattern.text)\" belong to groups before it"
                        : "no trained parameter matches \"\(group.pattern.text)\"\(hint)"))
        }
        return Array(zip([optimizer] + groups.map(\.optimizer), parts)).map { ($0, $1) }
    }

    /// The optimizer's stepper for trained parameters.
    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        guard !groups.isEmpty else { return try optimizer.stepper(for: parameters) }
        return GroupedStepper(try byOptimizer(parameters).map { try $0.optimizer.stepper(for: $0.parameters) })
    }

    /// The learning rates of the optimizer and of each group after a number of steps.
    func rates(step: Int) throws -> [Double] {
        let factor = try self.factor?.value(step: step, of: steps) ?? 1
        return [optimizer.learningRate * factor]
            + (try groups.map { $0.optimizer.learningRate * (try $0.factor?.value(step: step, of: steps) ?? factor) })
    }
}
