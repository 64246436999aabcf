import Foundation

/// The files that must be equal in two runs, bit by bit.
public struct RunFiles: Equatable {
    /// The files of the last checkpoint.
    public let checkpoint: [String: Data]
    /// The lines of `metrics.jsonl`, less what a clock says.
    public let metrics: [String]

    /// - Parameter folder: a run's folder.
    public init(_ folder: String) throws {
        let latest = URL(fileURLWithPath: folder).appendingPathComponent("latest")
        let names = try FileManager.default.contentsOfDirectory(atPath: latest.path)
        checkpoint = Dictionary(
            uniqueKeysWithValues: try names.filter { !["state.json", "manifest.json"].contains($0) }.map {
                ($0, try Data(contentsOf: latest.appendingPathComponent($0)))
            })
        metrics = try Self.metrics(folder)
    }

    public static func metrics(_ folder: String) throws -> [String] {
        let text = try String(contentsOfFile: "\(folder)/metrics.jsonl", encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            var fields = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            fields["clips_per_second"] = nil
            fields["data_wait"] = nil
            return String(
                decoding: try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys), as: UTF8.self)
        }
    }
}
