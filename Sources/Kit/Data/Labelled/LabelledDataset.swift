import KitCore
import KitMedia

/// Sounds or films with labels and splits: a task for probes.
public final class LabelledDataset {
    /// The name in tables: "esc50".
    public let name: String
    public let items: [LabelledItem]
    public let labels: Labels
    public let folds: [Fold]
    /// Its items as sources to embed, under the same ids.
    public let sources: [ClipSource]
    /// The times of the labels, if the dataset has them.
    public let eventTask: EventTask?

    /// Missing files, folds or splits that were skipped, as requested.
    public let leftOut: [String]

    /// What to do if a dataset is incomplete.
    public enum Missing: String, ChoiceOption, Sendable {
        /// Anything missing is an error.
        case error
        /// Skips items whose file is missing. Every fold or split must keep some.
        case skip
        /// The same, but folds or splits may be missing too.
        case parts
    }

    /// - Parameters:
    ///   - name: the name in tables and messages.
    ///   - given: the items with their labels and splits.
    ///   - sources: the items as sources, if they are more than a segment of a file; nil to make them from the items.
    ///   - parts: the splits or folds that the dataset states; empty if it states none. Numbered folds must then be
    ///     consecutive.
    ///   - vocabulary: all classes in order; nil for those that occur, sorted.
    ///   - isMultiLabel: whether an item may have several labels, or none.
    ///   - events: the times of the labels of each item.
    ///   - missing: whether missing files and parts, and empty files, are an error.
    ///
    /// Throws if the items cannot be used for measurements: a missing or unknown label, only one class, duplicate ids,
    /// missing files or folds, a group in two splits.
    public init(
        _ name: String, _ given: [LabelledItem], sources: [ClipSource]? = nil, parts: [String] = [],
        vocabulary: [String]? = nil,
        isMultiLabel: Bool = false, events: EventTask? = nil, missing: Missing = .error
    ) throws {
        self.name = name
        eventTask = events
        do {
            let (present, absent) = try Self.present(given, sources ?? [], missing)
            items = present
            guard !items.isEmpty else { throw KitError(.badData, "has no items") }
            leftOut = absent + (try Self.absentParts(parts, items, missing))
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
            id: item.id, film: item.group, path: item.path, start: item.start, duration: item.duration,
            place: "\(name), item '\(item.id)'")
    }

    /// The items whose files exist, and the missing files.
    private static func present(
        _ items: [LabelledItem], _ sources: [ClipSource], _ missing: Missing
    ) throws -> (items: [LabelledItem], absent: [String]) {
        let tracks = Dictionary(sources.map { ($0.id, $0.tracks) }, uniquingKeysWith: { first, _ in first })
        var present: [LabelledItem] = []
        var (gone, empty): ([String], [String]) = ([], [])
        for var item in items {
            item.path = item.path.map(FileName.existing)
            let files = Set([item.path] + (tracks[item.id] ?? []).map(\.path)).compactMap { $0 }.sortedByBytes()
            let sizes = try files.map { (file: $0, size: try MediaPlace.find($0)?.range.count) }
            gone += sizes.filter { $0.size == nil }.map(\.file)
            empty += sizes.filter { $0.size == 0 }.map(\.file)
            if sizes.allSatisfy({ $0.size ?? 0 > 0 }) { present.append(item) }
        }
        if missing == .error, !gone.isEmpty || !empty.isEmpty {
            let faults = [("missing", gone), ("empty", empty)].filter { !$1.isEmpty }.map { what, files in
                "\(counted(files.count, of: items.count, "file")) \(agreeing(files.count, "is", "are")) \(what), such as "
                    + files.prefix(3).joined(separator: ", ")
            }
            throw KitError(
                .noInput, "is not complete: \(faults.joined(separator: "; ")) (missing = \"skip\" leaves them out)")
        }
        return (present, gone + empty)
    }

    /// The parts without any item. Throws if that is not allowed.
    private static func absentParts(_ stated: [String], _ items: [LabelledItem], _ missing: Missing) throws -> [String]
    {
        let members = Dictionary(grouping: items, by: \.split).mapValues(\.count)
        let all = stated.isEmpty ? Fold.numbered(members.keys.sortedByBytes()) : stated
        let absent = all.filter { members[$0] == nil }
        guard missing != .parts, !absent.isEmpty else { return absent }
        let has = members.sortedByBytes(of: \.key).map { "\($0.key) with \($0.value)" }
        let rest = absent.count > 5 ? " and \(absent.count - 5) more" : ""
        throw KitError(
            .noInput,
            "is not complete: \(counted(absent.count, of: all.count, "part")) "
                + "\(agreeing(absent.count, "has", "have")) no items: "
                + "\(absent.prefix(5).joined(separator: ", "))\(rest) (there are: \(has.joined(separator: ", "))); "
                + "missing = \"parts\" measures without them")
    }

    private static func labels(_ items: [LabelledItem], _ given: [String]?, _ isMultiLabel: Bool) throws -> Labels {
        let classes = given ?? Set(items.flatMap(\.labels)).sortedByBytes()
        let places = Dictionary(classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = try items.map { item in
            guard isMultiLabel || item.labels.count == 1 else {
                let has = item.labels.isEmpty ? "no label" : counted(item.labels.count, "label")
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
            let who = items.count == 1 ? "the only item has" : "all \(counted(items.count, "item")) have"
            throw KitError(.badData, "\(who) \(only): there is nothing to tell apart")
        }
        return Labels(classes: classes, isMultiLabel: isMultiLabel, rows: rows)
    }
}
