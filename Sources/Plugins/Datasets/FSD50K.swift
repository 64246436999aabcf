import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FSD50K.self) }

/// 51197 sounds of 0.3 to 30 s with any of 200 classes of AudioSet's ontology.
struct FSD50K: Dataset {
    static let name = "fsd50k"
    static let summary =
        "FSD50K as it is distributed: FSD50K.ground_truth (dev.csv, eval.csv, vocabulary.csv), FSD50K.dev_audio and "
        + "FSD50K.eval_audio; multi-label."
    static let reference = "Fonseca et al. 2022 (arXiv 2010.00475)"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The folder that contains FSD50K.ground_truth and the audio folders.") var path: String
    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func construct() throws -> Any {
        let truth = "\(path)/FSD50K.ground_truth"
        let vocabulary = try LabelTable(
            "\(truth)/vocabulary.csv", columns: ["label"], header: ["index", "label", "mid"])
        try vocabulary.checkPairs("label", "index")
        func items(_ table: String, _ columns: [String], _ split: (LabelTable.Row) throws -> String) throws
            -> [LabelledItem]
        {
            try LabelTable("\(truth)/\(table).csv", columns: columns).rows.map { row in
                LabelledItem(
                    id: row["fname"], path: "\(path)/FSD50K.\(table)_audio/\(row["fname"]).wav",
                    labels: row["labels"].parts(separatedBy: ","), split: try split(row))
            }
        }
        let dev = try items("dev", ["fname", "labels", "split"]) { row in
            guard let split = ["train": "train", "val": "valid"][row["split"]] else {
                throw row.fault("column 'split' must be train or val, but is \"\(row["split"])\"")
            }
            return split
        }
        let test = try items("eval", ["fname", "labels"]) { _ in "test" }
        return try LabelledDataset(
            Self.name, dev + test, parts: ["train", "valid", "test"], vocabulary: vocabulary.rows.map { $0["label"] },
            isMultiLabel: true, missing: missing)
    }
}
