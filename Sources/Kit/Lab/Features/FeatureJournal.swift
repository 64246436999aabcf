import Foundation
import KitCore
import KitTensor

/// The rows of an embedding that is under way, in a folder that an interrupted one goes on from.
///
/// Each batch appends its rows to `<view>.f32`, then their names to `rows.jsonl`: rows without a name are not counted.
final class FeatureJournal {
    /// A row's clip.
    struct Row: Codable {
        let id: String
        let source: String
        let film: String
    }

    /// The file that tells one embedding from another.
    static let planName = "plan.txt"

    private(set) var rows: [Row] = []
    private let folder: String
    private let files = DiskFileSystem()
    private var names: (any OutputFile)?
    private var values: [(view: String, width: Int, file: any OutputFile)] = []

    /// Opens a journal: one that was kept by an embedding of the same plan goes on, any other is begun anew.
    /// - Parameters:
    ///   - plan: what the rows depend on, in words.
    ///   - batch: rows are appended in batches of this size, so that a resumed one makes the same batches.
    ///   - total: the number of rows that there will be.
    init(_ folder: String, plan: String, batch: Int, total: Int) throws {
        self.folder = folder
        let known = (try? files.read("\(folder)/\(Self.planName)")).map { String(decoding: $0, as: UTF8.self) }
        if known == plan {
            let text = String(decoding: (try? files.read("\(folder)/rows.jsonl")) ?? Data(), as: UTF8.self)
            let whole = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            rows = whole.compactMap { try? JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
            // What follows a damaged line is not trusted, nor is a batch that is not whole.
            if rows.count != whole.count { rows = [] }
            rows.removeLast(rows.count % batch)
            // The last batch is made again, since it tells the widths of the views.
            if rows.count == total { rows.removeLast(min(batch, total)) }
            let kept = whole.prefix(rows.count).reduce(0) { $0 + $1.utf8.count + 1 }
            if files.exists("\(folder)/rows.jsonl") { try files.truncate("\(folder)/rows.jsonl", toBytes: kept) }
        } else {
            if files.exists(folder) { try files.remove(folder) }
            try files.makeFolder(folder)
            try files.replace("\(folder)/\(Self.planName)", with: Data(plan.utf8))
        }
    }

    /// Appends the rows of one batch: a tensor [rows, features] for each view.
    func append(_ batch: [Row], _ views: [(name: String, tensor: Tensor)]) throws {
        if names == nil { try open(views.map { ($0.name, $0.tensor.shape[1]) }) }
        guard values.map(\.view) == views.map(\.name) else {
            throw KitError(.internalFault, "a batch has other views than the one before")
        }
        for (file, view) in zip(values, views) {
            try file.file.write(UnsafeRawBufferPointer(start: view.tensor.pointer, count: view.tensor.count * 4))
            try file.file.sync()
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        let lines = try batch.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
        try names!.write(lines.joined())
        try names!.sync()
        rows += batch
    }

    /// All rows of each view, [rows, features].
    func tensors() throws -> [(view: String, tensor: Tensor)] {
        try values.map { view, width, _ in
            let data = try files.read("\(folder)/\(view).f32")
            guard data.count == rows.count * width * 4 else {
                throw KitError(.badData, "\(folder)/\(view).f32: has \(data.count) bytes for \(rows.count) rows")
            }
            let tensor = Tensor(uninitialized: [rows.count, width])
            data.withUnsafeBytes {
                UnsafeMutableRawPointer(tensor.pointer).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
            }
            return (view, tensor)
        }
    }

    /// Removes the journal: its rows are in the features' files.
    func remove() throws {
        for file in values { try file.file.close() }
        try names?.close()
        try files.remove(folder)
    }

    /// Opens the files, cut to the rows that are counted.
    private func open(_ views: [(name: String, width: Int)]) throws {
        for (name, width) in views {
            let path = "\(folder)/\(name).f32"
            if files.exists(path) { try files.truncate(path, toBytes: rows.count * width * 4) }
            values.append((name, width, try files.open(path, appending: true)))
        }
        names = try files.open("\(folder)/rows.jsonl", appending: true)
    }
}
