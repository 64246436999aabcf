import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AddResult.self) }

/// `kit.add_result { ... }`: one cell of the table that `dubkit report` shows.
struct AddResult: Function {
    static let name = "add_result"
    static let summary =
        "Appends a result to a file with one line of JSON for each, from which dubkit report makes the table of variants "
        + "by tasks. Of lines with the same variant, task, metric and seed, the last counts."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file, or a run folder, whose results.jsonl is used.") var path: String
    @Param("The table's row: a trained system or a baseline.") var variant: String
    @Param("The table's column.") var task: String
    @Param("The name of the metric, such as top1.") var metric: String
    @Param("The value, as a fraction if the metric is one.") var value: Double
    @Param("The lower end of its 95 % interval.", from: .ours) var low: Double? = nil
    @Param("The upper end.", from: .ours) var high: Double? = nil
    @Param("Seed of the training; several seeds of a cell are shown as their mean.", from: .ours)
    var seed: Int? = nil
    @Param("The result of guessing.", from: .ours) var chance: Double? = nil
    @Param("A group of tasks, such as environment or speech.", from: .ours) var family: String? = nil
    @Param("The number of test items.", from: .ours) var items: Int? = nil
    @Param("Whether the row was not trained.", from: .ours) var baseline: Bool = false
    @Param("Whether lower is better.", from: .ours) var lowerIsBetter: Bool = false

    func validate() throws {
        for (option, text) in [("variant", variant), ("task", task), ("metric", metric)] where text.isEmpty {
            throw KitError.usage("option '\(option)' must not be empty")
        }
        for (option, number) in [("value", value), ("low", low), ("high", high), ("chance", chance)] {
            if let number, !number.isFinite {
                throw KitError(.nonFinite, "option '\(option)' must be a finite number, but is \(number)")
            }
        }
    }

    var changesFiles: Bool { true }

    func construct() throws -> Any {
        var line = ResultLine(variant: variant, task: task, metric: metric, value: value)
        (line.low, line.high, line.seed, line.chance, line.family) = (low, high, seed, chance, family)
        (line.items, line.baseline, line.lowerIsBetter) = (items, baseline ? true : nil, lowerIsBetter ? true : nil)
        let isRun = DiskFileSystem().exists("\(path)/\(ConfigurationFacts.fileName)")
        try ResultLine.append([line], to: isRun ? "\(path)/\(ResultLine.fileName)" : path)
        return OptionValue.null
    }
}
