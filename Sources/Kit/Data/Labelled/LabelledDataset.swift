import Foundation
import KitCore

/// Sounds or films with labels and the splits in which they are to be measured: a task for probes.
public final class LabelledDataset {
    /// For tables: "esc50".
    public let name: String
    public let items: [LabelledItem]
    public let labels: Labels
    public let folds: [Fold]
    /// Its items as sources to embed, under the same ids.
    public let sources: [ClipSource]
    /// When the labels are heard, where the dataset says so.
    public let eventTask: EventTask?

    /// What to do with items whose file is not there.
    public enum Missing: String, ChoiceOption, Sendable { case error, skip }

    /// - Parameters:
    ///   - name: as tables and messages call it.
    ///   - given: the items with their labels and splits.
    ///   - sources: the items as sources, where they are more than a stretch of a file; nil makes them of the items.
    ///   - vocabulary: all classes in their order; nil takes those that occur, sorted.
    ///   - isMultiLabel: whether an item may have several labels, or none.
    ///   - events: when the labels of each item are heard.
    ///   - missing: whether a file that is not there is an error, or leaves its item out.
    ///
    /// Throws if the items cannot be measured on: no label or an unknown one, one class only, ids that come twice, files
    /// that are missing, a group that lies in two splits.
    public init(
        _ name: String, _ given: [LabelledItem], sources: [ClipSource]? = nil, vocabulary: [String]? = nil,
        isMultiLabel: Bool = false, events: EventTask? = nil, missing: Missing = .error
    ) throws {
        self.name = name
        eventTask = events
        do {
            items = try Self.present(given, missing)
            guard !items.isEmpty else { throw KitError(.badData, "has no items") }
            if let twice = Dictionary(grouping: items, by: \.id).first(where: { $1.count > 1 })?.key {
                throw KitError(.badData, "the id '\(twice)' comes twice")
            }
            labels = try Self.labels(items, vocabulary, isMultiLabel)
            folds = try Fold.all(items)
            for fold in folds { try fold.check(items, labels) }
            let kept = Set(items.map(\.id))
            self.sources = sources?.filter { kept.contains($0.id) } ?? items.map { Self.source($0, of: name) }
        } catch let error as KitError {
            throw error.prefixed(name)
        }
    }

    private static func source(_ item: LabelledItem, of name: String) -> ClipSource {
        ClipSource(
            id: item.id, movie: item.group, path: item.path, start: item.start, duration: item.duration,
            place: "\(name), item '\(item.id)'")
    }

    private static func present(_ items: [LabelledItem], _ missing: Missing) throws -> [LabelledItem] {
        let files = FileManager.default
        let there = items.map { $0.path.map { files.fileExists(atPath: $0) } ?? true }
        if missing == .error, let first = there.firstIndex(of: false) {
            throw KitError(
                .noInput,
                "\(there.filter { !$0 }.count) of \(items.count) files are not there, such as \(items[first].path!) "
                    + "(missing = \"skip\" leaves them out)")
        }
        return zip(items, there).filter { $1 }.map(\.0)
    }

    private static func labels(_ items: [LabelledItem], _ given: [String]?, _ isMultiLabel: Bool) throws -> Labels {
        let classes = given ?? Set(items.flatMap(\.labels)).sorted()
        let places = Dictionary(classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = try items.map { item in
            guard isMultiLabel || item.labels.count == 1 else {
                let has = item.labels.isEmpty ? "no label" : "\(item.labels.count) labels"
                throw KitError(.badData, "item '\(item.id)' has \(has), but the task gives each item one class")
            }
            return try Set(
                item.labels.map { label in
                    if let place = places[label] { return place }
                    throw KitError(
                        .badData,
                        "item '\(item.id)' has the label '\(label)', which is not in the vocabulary"
                            + NearestName.hint(label, in: classes))
                }
            ).sorted()
        }
        let used = Set(rows.joined())
        guard used.count > 1 else {
            let only = used.first.map { "the label '\(classes[$0])'" } ?? "no label"
            throw KitError(.badData, "all \(items.count) items have \(only): there is nothing to tell apart")
        }
        return Labels(classes: classes, isMultiLabel: isMultiLabel, rows: rows)
    }
}
