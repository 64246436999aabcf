import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ESC50.self) }

/// 2000 recordings of 5 s in 50 classes of environmental sound, in five folds.
struct ESC50: Dataset {
    static let name = "esc50"
    static let summary = "ESC-50, or ESC-10, in the layout of its repository: meta/esc50.csv and audio/."
    static let reference =
        "Piczak 2015, ESC: Dataset for environmental sound classification; github.com/karolpiczak/ESC-50"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The folder that contains meta and audio.") var path: String
    @Param("Only the ten classes of ESC-10.", from: .ours) var esc10: Bool = false
    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func construct() throws -> Any {
        let table = try LabelTable(
            "\(path)/meta/esc50.csv", columns: ["filename", "fold", "category", "esc10", "src_file"])
        try table.checkPairs("category", "target")
        let items = table.rows.filter { !esc10 || $0["esc10"] == "True" }.map { row in
            LabelledItem(
                id: row["filename"], path: "\(path)/audio/\(row["filename"])", labels: [row["category"]],
                split: "fold\(row["fold"])", group: row["src_file"])
        }
        return try LabelledDataset(
            esc10 ? "esc10" : Self.name, items, parts: (1...5).map { "fold\($0)" }, missing: missing)
    }
}
