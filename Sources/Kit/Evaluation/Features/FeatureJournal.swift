import Foundation
import KitCore
import KitTensor
import KitTraining

/// The rows of an extraction in progress, in a folder from which an interrupted one continues.
///
/// Each batch appends its rows to `<view>.f32`, then a line with their names and checksums to `batches.jsonl`. Rows
/// without a line do not count, nor do those of a batch whose checksum differs.
final class FeatureJournal {
    /// The clip of a row.
    struct Row: Codable {
        let id: String
        let source: String
        let film: String
        /// The share of the clip, from 0 to 1, that neither an earlier clip of the source has, nor lies beyond its end:
        /// where its frames begin and end. Nil if that is the whole clip.
        var begin: Double?
        var end: Double?
    }

    /// A line of `batches.jsonl`.
    private struct Batch: Codable {
        struct View: Codable {
            let name: String
            let width: Int
            /// CRC-32C of its values.
            let checksum: UInt32
        }

        let rows: [Row]
        let views: [View]
    }

    /// The file that identifies the extraction.
    static let planName = "plan.txt"
    private static let batchesName = "batches.jsonl"

    private(set) var rows: [Row] = []
    /// A message about damaged batches, which are computed again; nil if there are none.
    private(set) var notice: String?
    private let folder: String
    private let files = DiskFileSystem()
    private var lines: (any OutputFile)?
    private var values: [(view: String, width: Int, file: any OutputFile)] = []
    /// The rows of the batches that are kept.
    private var views: [(name: String, width: Int)] = []
    /// The number of bytes of `batches.jsonl` that are kept.
    private var keptBytes = 0

    /// Opens a journal. One with the same plan is continued; any other is started again.
    /// - Parameters:
    ///   - plan: a description of everything that the rows depend on.
    ///   - batch: the size of the batches that are appended, so that a resumed extraction makes the same batches.
    ///   - total: the total number of rows.
    init(_ folder: String, plan: String, batch: Int, total: Int) throws {
        self.folder = folder
        let known = (try? files.read(path(Self.planName))).map { String(decoding: $0, as: UTF8.self) }
        if known == plan { readBatches(of: batch, total: total) }
        guard rows.isEmpty else {
            try open(views)
            return
        }
        if files.exists(folder) { try files.remove(folder) }
        try files.makeFolder(folder)
        try files.replace(path(Self.planName), with: Data(plan.utf8))
    }

    /// Reads the batches up to the first damaged one.
    private func readBatches(of size: Int, total: Int) {
        let text = (try? files.read(path(Self.batchesName))) ?? Data()
        // Text after the last line break is from a killed process.
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        var columns: [String: Data] = [:]
        for line in lines {
            guard let batch = try? JSONDecoder().decode(Batch.self, from: line), !batch.views.isEmpty,
                batch.rows.count == min(size, total - rows.count),
                views.isEmpty || views.elementsEqual(batch.views, by: { $0 == ($1.name, $1.width) }),
                batch.views.allSatisfy({ isWhole($0, batch.rows.count, &columns) })
            else {
                notice =
                    "the rows of an earlier extraction in \(folder) are damaged after \(counted(rows.count, "row"))"
                return
            }
            views = batch.views.map { ($0.name, $0.width) }
            rows += batch.rows
            keptBytes += line.count + 1
        }
    }

    private func isWhole(_ view: Batch.View, _ count: Int, _ columns: inout [String: Data]) -> Bool {
        guard !view.name.contains("/"), 1...(1 << 24) ~= view.width else { return false }
        let column = columns[view.name] ?? (try? files.read(path("\(view.name).f32"))) ?? Data()
        columns[view.name] = column
        let first = rows.count * view.width * 4
        let bytes = column.dropFirst(first).prefix(count * view.width * 4)
        return bytes.count == count * view.width * 4 && CRC32C.of(bytes) == view.checksum
    }

    /// Appends the rows of one batch: a tensor [rows, features] for each view.
    func append(_ batch: [Row], _ views: [(name: String, tensor: Tensor)]) throws {
        if lines == nil { try open(views.map { ($0.name, $0.tensor.shape[1]) }) }
        guard values.elementsEqual(views, by: { ($0.view, $0.width) == ($1.name, $1.tensor.shape[1]) }) else {
            throw KitError(.internalFault, "a batch has different views from the previous one")
        }
        var noted: [Batch.View] = []
        for (file, view) in zip(values, views) {
            let bytes = UnsafeRawBufferPointer(start: view.tensor.pointer, count: view.tensor.count * 4)
            try file.file.write(bytes)
            try file.file.sync()
            noted.append(.init(name: view.name, width: file.width, checksum: CRC32C.of(bytes)))
        }
        try lines!.write(try JSONText.line(Batch(rows: batch, views: noted)))
        try lines!.sync()
        rows += batch
    }

    /// All rows of each view, [rows, features].
    func tensors() throws -> [(view: String, tensor: Tensor)] {
        try values.map { view, width, _ in
            let data = try files.read(path("\(view).f32"))
            guard data.count == rows.count * width * 4 else {
                throw KitError(
                    .badData,
                    "\(path("\(view).f32")): has \(counted(data.count, "byte")) for \(counted(rows.count, "row"))")
            }
            let tensor = Tensor(uninitialized: [rows.count, width])
            data.withUnsafeBytes {
                UnsafeMutableRawPointer(tensor.pointer).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
            }
            return (view, tensor)
        }
    }

    /// Removes the journal, since its rows are in the feature files.
    func remove() throws {
        for file in values { try file.file.close() }
        try lines?.close()
        try files.remove(folder)
    }

    /// Opens the files, truncated to the rows that count.
    private func open(_ views: [(name: String, width: Int)]) throws {
        func opened(_ name: String, keeping bytes: Int) throws -> any OutputFile {
            if files.exists(path(name)) { try files.truncate(path(name), toBytes: bytes) }
            return try files.open(path(name), appending: true)
        }
        values = try views.map { name, width in
            (name, width, try opened("\(name).f32", keeping: rows.count * width * 4))
        }
        lines = try opened(Self.batchesName, keeping: keptBytes)
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }
}
