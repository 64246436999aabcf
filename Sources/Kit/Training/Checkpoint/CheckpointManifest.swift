import Foundation
import KitCore

/// `manifest.json`: the sizes and digests of a checkpoint's files, used to detect damage.
struct CheckpointManifest: Codable {
    struct File: Codable {
        let bytes: Int
        let sha256: String
    }

    var files: [String: File] = [:]

    static let fileName = "manifest.json"

    /// Throws an error that names the first file that is missing, short or changed.
    static func verify(_ folder: String, _ fileSystem: any FileSystem) throws {
        let text = try fileSystem.read("\(folder)/\(fileName)")
        guard let manifest = try? JSONDecoder().decode(CheckpointManifest.self, from: text) else {
            throw KitError(.badData, "\(fileName) cannot be understood")
        }
        guard !manifest.files.isEmpty else { throw KitError(.badData, "\(fileName) names no file") }
        for (name, expected) in manifest.files.sortedByBytes(of: \.key) {
            let data = try fileSystem.read("\(folder)/\(name)")
            guard data.count == expected.bytes else {
                throw KitError(.badData, "\(name) has \(counted(data.count, "byte")) instead of \(expected.bytes)")
            }
            guard SHA256.digest(of: data) == expected.sha256 else {
                throw KitError(.badData, "\(name) is not what was written: its SHA-256 differs")
            }
        }
    }
}
