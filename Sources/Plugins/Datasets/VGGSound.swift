import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(VGGSound.self) }

/// Films of 10 s in 309 classes of sound, identified by YouTube ids.
struct VGGSound: Dataset {
    static let name = "vggsound"
    static let summary =
        "VGGSound: vggsound.csv (id, second, label, train or test; no header) and a folder of the films or sounds that "
        + "were downloaded."
    static let reference = "Chen et al. 2020 (arXiv 2004.14368)"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The CSV file.") var path: String
    @Param("The folder of the films or sounds.") var media: String
    @Param(
        "File names: {id} is YouTube's id, {start} the second with six digits. Nil finds the usual names in the folder and its sub-folders, as kit.dataset.audioset does.",
        from: .ours)
    var pattern: String? = nil
    @Param(
        "Missing files and folds: skip such files, of which a warning says how many they are, an error, or parts to ignore such folds too.",
        from: .ours)
    var missing: LabelledDataset.Missing = .skip

    func construct() throws -> Any {
        let table = try LabelTable(path, columns: [], header: ["id", "start", "label", "split"])
        let files = try pattern == nil ? FetchedFiles(media) : nil
        let items = try table.rows.map { row in
            guard ["train", "test"].contains(row["split"]) else {
                throw row.fault("the split must be train or test, but is \"\(row["split"])\"")
            }
            let start = try row.seconds("start")
            let second = String(format: "%06d", Int(start))
            let name = pattern?.replacingOccurrences(of: "{id}", with: row["id"])
                .replacingOccurrences(of: "{start}", with: second)
            let path = try files?.path(id: row["id"], start: start, end: start + 10) ?? "\(media)/\(name ?? "")"
            return LabelledItem(
                id: "\(row["id"])_\(second)", path: path, labels: [row["label"]], split: row["split"],
                group: row["id"])
        }
        return try LabelledDataset(Self.name, items, parts: ["train", "test"], missing: missing).warningOfMissing()
    }
}
