import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(UrbanSound8K.self) }

/// 8732 stretches of up to 4 s in 10 classes of urban sound, in ten folds.
struct UrbanSound8K: Dataset {
    static let name = "urbansound8k"
    static let summary = "UrbanSound8K as it is distributed: metadata/UrbanSound8K.csv and audio/fold1 to fold10."
    static let source = "Salamon, Jacoby and Bello 2014, A dataset and taxonomy for urban sound research"
    static let returns = "labelled dataset"

    @Param("The folder that holds metadata and audio.") var path: String
    @Param("Files that are not there are an error, or left out.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func construct() throws -> Any {
        let table = try LabelTable(
            "\(path)/metadata/UrbanSound8K.csv", columns: ["slice_file_name", "fsID", "fold", "class"])
        let items = try table.rows.map { row in
            LabelledItem(
                id: row["slice_file_name"], path: "\(path)/audio/fold\(row["fold"])/\(row["slice_file_name"])",
                // Two digits, so that the folds' names have the order of their numbers.
                labels: [row["class"]],
                split: try row.number("fold") < 10 ? "fold0\(row["fold"])" : "fold\(row["fold"])",
                group: row["fsID"])
        }
        return try LabelledDataset(Self.name, items, missing: missing)
    }
}
