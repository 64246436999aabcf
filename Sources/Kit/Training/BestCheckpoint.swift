import Foundation
import KitCore

/// The checkpoint with the best value of an evaluation, in the run's folder `best`, and the values so far.
///
/// `best/history.json` has every value with its step. A resumed run drops those of later steps and measures them again.
final class BestCheckpoint {
    struct Entry: Codable {
        let step: Int
        /// Nil if it was not finite.
        let value: Double?
    }

    private static let historyFile = "history.json"

    private let rule: BestRule
    private let folder: RunFolder?
    private var history: [Entry]

    /// - Parameters:
    ///   - rule: which value counts.
    ///   - folder: the run folder; nil in a process that writes nothing.
    ///   - history: the values so far.
    init(_ rule: BestRule, _ folder: RunFolder?, _ history: [Entry]) {
        (self.rule, self.folder, self.history) = (rule, folder, history)
    }

    /// The values of a run up to the step that it continues from.
    static func history(in folder: RunFolder, resumedAfter step: Int) throws -> [Entry] {
        let path = folder.path("\(Checkpoint.bestFolder)/\(Self.historyFile)")
        guard step > 0, folder.files.exists(path) else { return [] }
        do {
            return try JSONDecoder().decode([Entry].self, from: try folder.files.read(path)).filter { $0.step <= step }
        } catch let error as DecodingError {
            throw KitError(.badData, "'\(path)' cannot be understood: \(error.reason)")
        }
    }

    /// The last step whose value is known.
    var lastStep: Int { history.last?.step ?? 0 }

    /// Notes the value among the results of a step.
    ///
    /// - Parameters:
    ///   - isComplete: whether these are the results of all evaluations of the run, so that the value must be there.
    ///   - write: writes the files of a checkpoint; called if the value is the best so far.
    /// - Returns: a sentence for the log; nil if the results do not have the value.
    func add(
        _ results: [(name: String, value: Double)], step: Int, isComplete: Bool, bytes: Int,
        _ write: (CheckpointWriter) throws -> Void
    ) throws -> String? {
        guard let value = results.first(where: { $0.name == rule.value })?.value else {
            guard isComplete else { return nil }
            let names = results.map(\.name)
            throw KitError.usage(
                "option 'best': no evaluation gives '\(rule.value)'\(NearestName.hint(rule.value, in: names)) "
                    + "(there are: \(names.joined(separator: ", ")))")
        }
        let before = best
        let isBetter = before.map { rule.goal == .max ? value > $0.value : value < $0.value } ?? value.isFinite
        history.append(Entry(step: step, value: value.isFinite ? value : nil))
        if let folder {
            let path = folder.path(Checkpoint.bestFolder)
            try folder.files.makeFolder(path)
            if isBetter {
                try CheckpointStore(run: path, keep: 1, files: folder.files).commit(step: step, bytes: bytes, write)
            }
            try folder.write("\(Checkpoint.bestFolder)/\(Self.historyFile)", history)
        }
        if isBetter { return "best \(rule.value) so far: \(lossText(value)), kept in \(Checkpoint.bestFolder)" }
        return
            "\(rule.value) \(lossText(value)); the best is \(before.map { "\(lossText($0.value)) of step \($0.step)" } ?? "unknown")"
    }

    /// Why the run should end now; nil if it should go on.
    var reasonToStop: String? {
        guard let patience = rule.patience, let best, let place = history.lastIndex(where: { $0.step == best.step }),
            history.count - 1 - place >= patience
        else { return nil }
        return "\(rule.value) has not been better than \(lossText(best.value)) of step \(best.step) for "
            + "\(patience) evaluation\(patience == 1 ? "" : "s")"
    }

    /// The first of the best values.
    private var best: (step: Int, value: Double)? {
        history.reduce(nil) { best, entry in
            guard let value = entry.value else { return best }
            guard let best else { return (entry.step, value) }
            return (rule.goal == .max ? value > best.value : value < best.value) ? (entry.step, value) : best
        }
    }
}
