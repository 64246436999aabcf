import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LabelledCSV.self) }

/// Any table of files with labels.
struct LabelledCSV: Dataset {
    static let name = "csv"
    static let summary =
        "A labelled dataset from any CSV file with one line per file: columns for the path, the label, and the split "
        + "(train, valid and test, or folds)."
    static let reference = "RFC 4180."
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The CSV file; paths in it are relative to its folder.") var path: String
    @Param("Column of the files.", from: .ours) var file: String = "path"
    @Param("Column of the labels.", from: .ours) var label: String = "label"
    @Param("Column of train, valid and test, or of the fold.", from: .ours) var split: String = "split"
    @Param(
        "Column of the film, recording or speaker, which must not be in two splits; nil treats each file separately.",
        from: .ours)
    var group: String? = nil
    @Param("Column of the name; nil takes the path.", from: .ours) var id: String? = nil
    @Param("Separator of several labels of a file; nil gives each file one class.", from: .ours)
    var separator: String? = nil
    @Param("Columns with the start and the duration of the labelled segment in seconds, if there are any.", from: .ours)
    var start: String? = nil
    @Param("See start.", from: .ours) var duration: String? = nil
    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func validate() throws {
        if let separator, separator.isEmpty { throw KitError.usage("option 'separator' is empty") }
    }

    func construct() throws -> Any {
        let columns = [file, label, split] + [group, id, start, duration].compactMap { $0 }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let items = try LabelTable(path, columns: columns).rows.map { row in
            guard !row[label].isEmpty || separator != nil else { throw row.fault("column '\(label)' is empty") }
            let labels = separator.map { row[label].parts(separatedBy: $0, omittingEmpty: false) } ?? [row[label]]
            return LabelledItem(
                id: row[id ?? file], path: URL(fileURLWithPath: row[file], relativeTo: folder).standardizedFileURL.path,
                start: try start.map(row.seconds) ?? 0, duration: try duration.map(row.seconds),
                labels: labels.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty },
                split: row[split], group: group.map { row[$0] })
        }
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        return try LabelledDataset(name, items, isMultiLabel: separator != nil, missing: missing)
    }
}
