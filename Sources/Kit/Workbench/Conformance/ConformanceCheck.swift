import KitCore
import KitTensor

/// A check that every plugin, or every plugin of some kinds, must pass.
public struct ConformanceCheck: Sendable {
    /// The name, in one word: "gradients".
    public let name: String
    /// What is checked, in one sentence.
    public let summary: String
    private let find: @Sendable (ConformanceSubject) throws -> [String]?

    /// - Parameter find: returns a line for each fault; nil if the check does not apply to plugins of this kind. An
    ///   error that it throws is a fault too.
    package init(_ name: String, _ summary: String, find: @escaping @Sendable (ConformanceSubject) throws -> [String]?)
    {
        self.name = name
        self.summary = summary
        self.find = find
    }

    /// All checks, those of every kind first.
    public static let all = [
        spelling, documentation, options, defaults, lossGradients, lossShapes, lossRepeats, lossState,
        labelLossGradients, labelLossShapes, encoderOutput, moduleGradients, moduleBits, moduleEvaluation,
        moduleWeights,
        encoderInputs, optimizerDescent, optimizerState, scheduleFactors, samplerBatches,
        metricScores, augmentationChanges, separation,
    ]

    /// The faults of a plugin; nil if the check does not apply to its kind.
    public func faults(of subject: ConformanceSubject) -> [String]? {
        do { return try find(subject) } catch { return ["\(error)"] }
    }
}

/// A plugin to check.
public struct ConformanceSubject {
    public let declaration: PluginDeclaration
    /// Values for the options without a default.
    public let options: Options
    /// What a head or a layer is called with; without it, these are not called. Encoders get an input that fits.
    public let inputs: [Tensor]

    public init(_ declaration: PluginDeclaration, options: Options = Options(), inputs: [Tensor] = []) {
        self.declaration = declaration
        self.options = options
        self.inputs = inputs
    }

    /// Makes the plugin, with additional options.
    func make(_ others: [(key: String, value: OptionValue)] = []) throws -> any Plugin {
        let kept = options.named.filter { option in !others.contains { $0.key == option.key } }
        return try declaration.make(Options(named: kept + others, list: options.list))
    }

    /// Whether every option without a default has a value.
    var isComplete: Bool {
        declaration.options.allSatisfy { name, param in
            param.isSet || param.isRest || options.named.contains { $0.key == name }
        }
    }

    func takes(_ option: String) -> Bool { declaration.options.contains { $0.name == option } }

    /// Runs all checks, and others after them. `begin` is called before each.
    public func check(
        and others: [ConformanceCheck] = [], begin: (ConformanceCheck) throws -> Void = { _ in }
    ) rethrows -> ConformanceReport {
        ConformanceReport(
            plugin: declaration.qualifiedName,
            outcomes: try (ConformanceCheck.all + others).compactMap { check in
                try begin(check)
                return check.faults(of: self).map { (check, $0) }
            })
    }
}

/// The results of the checks.
public struct ConformanceReport {
    public let plugin: String
    /// The checks that apply to this kind, with their faults.
    public let outcomes: [(check: ConformanceCheck, faults: [String])]

    /// "gradients: ...", a line for each fault.
    public var faults: [String] {
        outcomes.flatMap { outcome in outcome.faults.map { "\(outcome.check.name): \($0)" } }
    }

    /// A line for each check.
    public var text: String {
        let rows = outcomes.map { check, faults in
            [
                check.name, faults.isEmpty ? "ok" : "FAULT",
                faults.isEmpty ? check.summary : faults.joined(separator: "; "),
            ]
        }
        return "\(plugin)\n\(TextTable.text(rows))"
    }
}
