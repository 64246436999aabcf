import Foundation
import KitCore
import KitTensor

/// The files of TensorBoard's embedding projector: tables of rows and labels, and a list of them in the run folder.
struct ProjectorFiles {
    private let run: RunFolder
    private static let list = "projector_config.pbtxt"

    init(_ run: RunFolder) { self.run = run }

    /// Writes the rows of a step, replacing those of an earlier one under the same name. Returns how many bytes it wrote.
    func write(_ tag: String, step: Int, _ rows: Tensor, labels: [String]?) throws -> Int {
        let name = "projector/\(Self.folderName(tag))"
        try run.files.makeFolder(run.path(name))
        let (values, width) = (rows.values, rows.shape[1])
        var text = ""
        for row in 0..<rows.shape[0] {
            text += values[row * width..<(row + 1) * width].map { "\($0)" }.joined(separator: "\t") + "\n"
        }
        try run.files.replace(run.path("\(name)/rows.tsv"), with: Data(text.utf8))
        var bytes = text.utf8.count
        if let labels {
            // Tabs and line breaks separate columns and rows.
            let lines = labels.map { String($0.map { $0.isNewline || $0 == "\t" ? " " : $0 }) + "\n" }
            try run.files.replace(run.path("\(name)/labels.tsv"), with: Data(lines.joined().utf8))
            bytes += lines.joined().utf8.count
        }
        var entries = try earlierEntries()
        let entry = """
            embeddings {
              tensor_name: "\(name)"
              tensor_path: "\(name)/rows.tsv"\(labels == nil ? "" : "\n  metadata_path: \"\(name)/labels.tsv\"")
            }

            """
        entries.removeAll { $0.contains("tensor_name: \"\(name)\"") }
        let all = (entries + [entry]).joined()
        try run.files.replace(run.path(Self.list), with: Data(all.utf8))
        return bytes + all.utf8.count
    }

    /// The tag, if a folder can have this name. Others get a hash, so that two tags never share a folder.
    private static func folderName(_ tag: String) -> String {
        let allowed = tag.map { $0.isASCII && ($0.isLetter || $0.isNumber) || "-_.".contains($0) ? $0 : "_" }
        let name = String(allowed.prefix(80))
        if name == tag, name.first != ".", name.first != "_" { return name }
        var hash = FNV1a()
        hash.add(tag)
        return "_\(name)-\(String(hash.value, radix: 16))"
    }

    /// The list's entries, each with its closing brace.
    private func earlierEntries() throws -> [String] {
        let path = run.path(Self.list)
        guard run.files.exists(path) else { return [] }
        let text = String(decoding: try run.files.read(path), as: UTF8.self)
        return text.split(separator: "}\n").map { "\($0)}\n" }
    }
}
