import KitCore

/// A measurement on clips that were not trained on. A recipe calls `run` itself or passes the evaluation to
/// `kit.train`.
public protocol Evaluation: Plugin, ScriptObject {
    /// Runs the measurement. Restores the modes of the modules and leaves no gradients.
    func evaluate() throws -> EvaluationReport
    /// Tries the measurement on as few clips as possible and throws the errors that `evaluate` would. By default calls
    /// `evaluate`.
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
                "Runs the measurement and returns the results as a table, with the text to print in its field text.",
                returns: Options.self
            ) { evaluation in
                let report = try evaluation.evaluate()
                var results = try Options(option: report.scriptValue)
                results.named.append(("text", .string((report.table + report.warnings).joined(separator: "\n"))))
                return results
            }
        ]
    }
    public var scriptDescription: String { settings }
    public func dryRun() throws { _ = try evaluate() }
}

/// Something that an evaluation stores in the run folder in addition to its results.
public protocol EvaluationArtifact {
    /// Writes it as a folder.
    ///
    /// - Parameters:
    ///   - folder: the path, where nothing exists yet.
    ///   - moment: the point in the run at which it was made: "step 300".
    func write(to folder: String, moment: String) throws
}

/// The results of an evaluation.
public struct EvaluationReport {
    /// The results by name: "video_to_audio/recall_at_1".
    public var results: [(name: String, value: Double)]
    /// The results as a small table to print.
    public var table: [String]
    /// Warnings about the results.
    public var warnings: [String]
    /// Data that the run keeps in addition, such as the embeddings of the clips; nil for none.
    public var artifact: (any EvaluationArtifact)?

    public init(results: [(name: String, value: Double)], table: [String], warnings: [String] = []) {
        self.results = results
        self.table = table
        self.warnings = warnings
    }

    /// The results as nested tables, one level for each slash in the names.
    public var scriptValue: OptionValue { Self.nested(results.map { ($0.name.split(separator: "/"), $0.value) }) }

    private static func nested(_ results: [(path: [Substring], value: Double)]) -> OptionValue {
        var groups: [(key: String, results: [(path: [Substring], value: Double)])] = []
        for (path, value) in results {
            let key = path.first.map(String.init) ?? ""
            let rest = (Array(path.dropFirst()), value)
            if let index = groups.firstIndex(where: { $0.key == key }) {
                groups[index].results.append(rest)
            } else {
                groups.append((key, [rest]))
            }
        }
        return .table(
            Options(
                named: groups.map { key, results in
                    (key, results[0].path.isEmpty ? .number(results[0].value) : nested(results))
                }))
    }
}
