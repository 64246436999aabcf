import KitCore
import KitTraining

/// What came of a run: its state, its last loss and its last results, for a table of many runs.
public struct RunOutcome {
    /// The run folder.
    public let path: String
    /// "finished", or why not.
    public let state: String
    /// The number of steps done.
    public let steps: Int
    /// The loss of the last step; nil if there is none.
    public let loss: Double?
    /// The newest value of each result, by name, without intervals.
    public let results: [(name: String, value: Double)]

    /// The newest run in a folder of a recipe's runs, or in a folder of such folders; nil if there is none.
    public static func newest(below folder: String, files: any FileSystem = DiskFileSystem()) throws -> RunOutcome? {
        for name in try files.names(in: folder).sorted() {
            if let run = try? ReportRun("\(folder)/\(name)", files) { return RunOutcome(run) }
        }
        return (try? ReportRun(folder, files)).map(RunOutcome.init)
    }

    private init(_ run: ReportRun) {
        (path, state) = (run.path, run.state)
        let curves = run.curves.content
        steps = run.status?.step ?? 0
        loss = curves?.last?.loss
        var newest: [(name: String, value: Double)] = []
        for evaluation in run.evaluations {
            for (name, value) in evaluation.results.sorted(by: { $0.key < $1.key }) where !name.contains("interval/") {
                newest.removeAll { $0.name == name }
                newest.append((name, value))
            }
        }
        results = newest
    }
}
