import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(AudioSet.self) }

/// Films of 10 s with any of 527 classes of sound, identified by YouTube ids.
struct AudioSet: Dataset {
    static let name = "audioset"
    static let summary =
        "AudioSet: its segment lists (id, start, end, classes), class_labels_indices.csv next to them, and a folder of the "
        + "films or sounds that were fetched; multi-label."
    static let reference = "Gemmeke et al. 2017, Audio Set: An ontology and human-labeled dataset for audio events"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The folder of the lists.") var path: String
    @Param("The folder of the films or sounds.") var media: String
    @Param("List for training.", from: .ours) var train: String = "balanced_train_segments.csv"
    @Param("List for testing.", from: .ours) var test: String = "eval_segments.csv"
    @Param(
        "Names of the files: {id} is YouTube's id, {start} and {end} are milliseconds. Nil finds the usual names in the folder and its sub-folders: the id, also as Y{id}, alone or with the start or both times in seconds, milliseconds or six digits.",
        from: .ours)
    var pattern: String? = nil
    @Param(
        "Whether a file contains the whole film; otherwise it contains only the segment.",
        from: .ours)
    var whole: Bool = false
    @Param(
        "Missing files and folds: skip such files, of which a warning says how many they are, an error, or parts to ignore such folds too.",
        from: .ours)
    var missing: LabelledDataset.Missing = .skip

    func construct() throws -> Any {
        let table = try LabelTable("\(path)/class_labels_indices.csv", columns: ["mid", "display_name"])
        try table.checkPairs("display_name", "mid")
        try table.checkPairs("display_name", "index")
        let classes = table.rows
        let names = Dictionary(classes.map { ($0["mid"], $0["display_name"]) }, uniquingKeysWith: { first, _ in first })
        let files = try pattern == nil ? FetchedFiles(media) : nil
        let items = try [(train, "train"), (test, "test")].flatMap { list, split in
            try LabelTable("\(path)/\(list)", columns: [], header: ["id", "start", "end", "classes"]).rows.map {
                try item($0, split, names, files)
            }
        }
        return try LabelledDataset(
            Self.name, items, parts: ["train", "test"], vocabulary: classes.map { $0["display_name"] },
            isMultiLabel: true, missing: missing
        ).warningOfMissing()
    }

    private func item(
        _ row: LabelTable.Row, _ split: String, _ names: [String: String], _ files: FetchedFiles?
    ) throws -> LabelledItem {
        let (start, end) = (try row.seconds("start"), try row.seconds("end"))
        let labels = try row["classes"].parts(separatedBy: ",").map { mid in
            guard let name = names[mid] else { throw row.fault("class '\(mid)' is not in the class list") }
            return name
        }
        func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded()))" }
        let name = pattern?.replacingOccurrences(of: "{id}", with: row["id"])
            .replacingOccurrences(of: "{start}", with: milliseconds(start))
            .replacingOccurrences(of: "{end}", with: milliseconds(end))
        let path = try files?.path(id: row["id"], start: start, end: end) ?? "\(media)/\(name ?? "")"
        return LabelledItem(
            id: "\(row["id"])_\(milliseconds(start))", path: path, start: whole ? start : 0,
            duration: whole ? end - start : nil, labels: labels, split: split, group: row["id"])
    }
}
