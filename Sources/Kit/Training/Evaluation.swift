import KitCore

/// Something measured on clips that were not trained on. A recipe calls `run` itself or hands it to `kit.train`.
public protocol Evaluation: Plugin, ScriptObject {
    /// Measures. Restores the modules' modes, and leaves no gradients.
    func evaluate() throws -> EvaluationReport
    /// Tries the measurement on as few clips as possible, and throws what `evaluate` would. By default evaluates.
    func dryRun() throws
}

extension Evaluation {
    public static var kind: String { "evaluate" }
    public static var scriptTypeName: String { "evaluation" }
    public static var scriptSummary: String { "A measurement on held-out clips." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "run", on: (any Evaluation).self,
                "Measures and returns the figures as a table, and in its field text the same to print.",
                returns: Options.self
            ) { evaluation in
                let report = try evaluation.evaluate()
                var figures = try Options(option: report.scriptValue)
                figures.named.append(("text", .string((report.table + report.warnings).joined(separator: "\n"))))
                return figures
            }
        ]
    }
    public var scriptDescription: String { settings }
    public func dryRun() throws { _ = try evaluate() }
}

/// What an evaluation leaves in the run folder besides its figures.
public protocol EvaluationArtifact {
    /// Writes it as a folder of its own.
    ///
    /// - Parameters:
    ///   - folder: the path, at which there is nothing yet.
    ///   - moment: when in the run it was made: "step 300".
    func write(to folder: String, moment: String) throws
}

/// What an evaluation found.
public struct EvaluationReport {
    /// The figures by name: "video_to_audio/recall_at_1".
    public var figures: [(name: String, value: Double)]
    /// The same as a small table to print.
    public var table: [String]
    /// What a reader should be warned of.
    public var warnings: [String]
    /// What a run keeps of the evaluation besides its figures, such as the embeddings of the clips; nil keeps nothing.
    public var artifact: (any EvaluationArtifact)?

    public init(figures: [(name: String, value: Double)], table: [String], warnings: [String] = []) {
        self.figures = figures
        self.table = table
        self.warnings = warnings
    }

    /// The figures as nested tables, one level for each slash in the names.
    public var scriptValue: OptionValue { Self.nested(figures.map { ($0.name.split(separator: "/"), $0.value) }) }

    private static func nested(_ figures: [(path: [Substring], value: Double)]) -> OptionValue {
        var groups: [(key: String, figures: [(path: [Substring], value: Double)])] = []
        for (path, value) in figures {
            let key = path.first.map(String.init) ?? ""
            let rest = (Array(path.dropFirst()), value)
            if let index = groups.firstIndex(where: { $0.key == key }) {
                groups[index].figures.append(rest)
            } else {
                groups.append((key, [rest]))
            }
        }
        return .table(
            Options(
                named: groups.map { key, figures in
                    (key, figures[0].path.isEmpty ? .number(figures[0].value) : nested(figures))
                }))
    }
}
