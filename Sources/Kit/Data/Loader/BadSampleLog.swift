import Foundation
import KitCore

/// The file `bad_samples.jsonl` of a run: exactly one line for each source that could not be read, resumed runs included.
public final class BadSampleLog {
    public let file: URL
    private var known: Set<String> = []

    /// Opens the log. Lines that an interrupted run wrote are not written again.
    public init(_ file: URL) {
        self.file = file
        // If this fails, adding a line fails too.
        try? LineFile.repair(file.path, isWhole: Self.isLine)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return }
        for line in text.split(separator: "\n") {
            if let sample = try? JSONDecoder().decode(BadSample.self, from: Data(line.utf8)) { known.insert(sample.id) }
        }
    }

    /// Appends a line, unless the source has one. Throws if the file cannot be written.
    public func add(_ sample: BadSample) throws {
        guard !known.contains(sample.id) else { return }
        try LineFile.append(try JSONText.line(sample), to: file.path, isWhole: Self.isLine)
        known.insert(sample.id)
    }

    private static func isLine(_ bytes: [UInt8]) -> Bool {
        (try? JSONDecoder().decode(BadSample.self, from: Data(bytes))) != nil
    }
}
