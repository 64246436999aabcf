import Foundation
import KitCore

/// `metrics.jsonl`: one line of JSON for each step.
package final class MetricsFile {
    /// The number of bytes written so far. A checkpoint records it, so that a resumed run can drop the lines of steps
    /// that it repeats.
    private(set) var bytes: Int
    private let file: any OutputFile

    package static let fileName = "metrics.jsonl"

    /// - Parameter bytes: how many bytes of an earlier process to keep.
    init(_ folder: RunFolder, keeping bytes: Int) throws {
        let path = folder.path(Self.fileName)
        if folder.files.exists(path) {
            let written = try folder.files.read(path).count
            guard written >= bytes else {
                throw KitError(
                    .badData,
                    "'\(path)' has \(written) bytes, but \(bytes) when the checkpoint was written: it was changed since"
                )
            }
            try folder.files.truncate(path, toBytes: bytes)
        } else if bytes > 0 {
            throw KitError(.noInput, "'\(path)' is missing, but the checkpoint continues it")
        }
        file = try folder.files.open(path, appending: true)
        self.bytes = bytes
    }

    func add(_ record: StepRecord) throws {
        let line = try JSONText.line(record)
        try file.write(line)
        bytes += line.count
    }

    func sync() throws { try file.sync() }
    func close() throws { try file.close() }
}
