import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(UrbanSound8K.self) }

/// 8732 segments of up to 4 s in 10 classes of urban sound, in ten folds.
struct UrbanSound8K: Dataset {
    static let name = "urbansound8k"
    static let summary = "UrbanSound8K as it is distributed: metadata/UrbanSound8K.csv and audio/fold1 to fold10."
    static let reference = "Salamon, Jacoby and Bello 2014, A dataset and taxonomy for urban sound research"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The folder that contains metadata and audio.") var path: String
    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func construct() throws -> Any {
        let table = try LabelTable(
            "\(path)/metadata/UrbanSound8K.csv", columns: ["slice_file_name", "fsID", "fold", "class"])
        try table.checkPairs("class", "classID")
        let items = try table.rows.map { row in
            LabelledItem(
                id: row["slice_file_name"], path: "\(path)/audio/fold\(row["fold"])/\(row["slice_file_name"])",
                labels: [row["class"]], split: Self.fold(try row.number("fold")),
                group: row["fsID"])
        }
        return try LabelledDataset(Self.name, items, parts: (1...10).map { Self.fold(Double($0)) }, missing: missing)
    }

    /// Two digits, so that sorting the names of folds sorts their numbers.
    private static func fold(_ number: Double) -> String { String(format: "fold%02.0f", number) }
}
