import Foundation
import KitCore

/// A cell of a table of results: a line of `results.jsonl`.
///
///     {"variant": "SimCLR_AV", "task": "scene", "metric": "top1", "value": 0.61, "low": 0.57, "high": 0.65, "seed": 1,
///      "chance": 0.125, "family": "environment", "items": 480}
///
/// `variant`, `task`, `metric` and `value` are required. Of several lines with the same variant, task, metric and seed,
/// the last one counts.
public struct ResultLine: Codable, Equatable, Sendable {
    /// The row: a trained system or a baseline.
    public var variant: String
    public var task: String
    public var metric: String
    /// The value, as a fraction if the metric is one: 0.61 for 61 %.
    public var value: Double
    /// A 95 % interval of this value, for example from a bootstrap over test items.
    public var low: Double?
    public var high: Double?
    /// The seed of the training and the probe. Several seeds of a cell are shown as their mean, with the interval of
    /// the mean.
    public var seed: Int?
    /// The result of guessing.
    public var chance: Double?
    /// A group of tasks: "environment", "speech".
    public var family: String?
    /// The number of test items.
    public var items: Int?
    /// Whether the row is a baseline without training: fresh weights, a mean spectrum, the most frequent class.
    public var baseline: Bool?
    /// Whether lower is better.
    public var lowerIsBetter: Bool?

    public static let fileName = "results.jsonl"

    private enum CodingKeys: String, CodingKey {
        case variant, task, metric, value, low, high, seed, chance, family, items, baseline
        case lowerIsBetter = "lower_is_better"
    }

    public init(variant: String, task: String, metric: String, value: Double) {
        (self.variant, self.task, self.metric, self.value) = (variant, task, metric, value)
    }

    /// Appends lines to a file. On an error, none of them is added.
    public static func append(_ lines: [ResultLine], to path: String) throws {
        try LineFile.append(try lines.flatMap { try JSONText.line($0) }, to: path) {
            (try? JSONDecoder().decode(ResultLine.self, from: Data($0))) != nil
        }
    }

    /// Reads a file. An invalid line is an error that names it, except for a truncated last line.
    public static func read(_ path: String, _ files: any FileSystem = DiskFileSystem()) throws -> [ResultLine] {
        let text = try files.read(path)
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return try lines.enumerated().compactMap { number, line in
            guard line.contains(where: { $0 > 32 }) else { return nil }
            do {
                return try JSONDecoder().decode(ResultLine.self, from: line).checked()
            } catch {
                // The last part has no line break after it.
                if number == lines.count - 1, text.last != UInt8(ascii: "\n") { return nil }
                let reason = (error as? KitError)?.message ?? (error as? DecodingError)?.reason ?? "\(error)"
                throw KitError(.badData, "\(path):\(number + 1): \(reason)")
            }
        }
    }

    private func checked() throws -> ResultLine {
        for (name, text) in [("variant", variant), ("task", task), ("metric", metric)] where text.isEmpty {
            throw KitError(.badData, "'\(name)' is empty")
        }
        guard [value, low, high, chance].allSatisfy({ $0?.isFinite ?? true }) else {
            throw KitError(.badData, "a value of '\(variant)' on '\(task)' is not finite")
        }
        return self
    }
}
