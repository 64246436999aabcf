import Foundation
import KitCore
import KitModel

/// Writes the files of one checkpoint and records their digests for its manifest.
public final class CheckpointWriter {
    private let folder: String
    private let files: any FileSystem
    private var manifest = CheckpointManifest()

    init(_ folder: String, _ files: any FileSystem) {
        self.folder = folder
        self.files = files
    }

    /// Writes one file in any number of pieces, and syncs it.
    public func write(_ name: String, _ body: (_ sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
        let file = try files.open("\(folder)/\(name)", appending: false)
        do {
            let hash = SHA256()
            var bytes = 0
            try body { piece in
                try file.write(piece)
                hash.update(piece)
                bytes += piece.count
            }
            try file.sync()
            try file.close()
            manifest.files[name] = .init(bytes: bytes, sha256: hash.finish())
        } catch {
            try? file.close()
            throw error
        }
    }

    public func write(_ name: String, _ data: Data) throws {
        try write(name) { sink in try data.withUnsafeBytes(sink) }
    }

    /// Writes tensors as a safetensors file.
    public func write(_ name: String, _ items: [SafetensorsWriter.Item]) throws {
        try write(name) { sink in
            try SafetensorsWriter.write(items, metadata: ["format": "pt"], as: "\(folder)/\(name)", into: sink)
        }
    }

    func writeManifest() throws {
        let data = try JSONText.indented(manifest)
        try write(CheckpointManifest.fileName, data)
    }
}
