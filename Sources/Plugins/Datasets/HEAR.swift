import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(HEAR.self) }

/// A preprocessed task of the HEAR benchmark, as distributed on its site.
struct HEAR: Dataset {
    static let name = "hear"
    static let summary =
        "A preprocessed task of HEAR 2021: task_metadata.json, labelvocabulary.csv, train.json, valid.json and test.json or "
        + "fold00.json and so on, and sounds under <sample rate>/<split>/. Scene tasks, multi-class and multi-label, and event "
        + "tasks, whose labels have times."
    static let reference = "Turian et al. 2022 (HEAR, arXiv 2203.03022); hearbenchmark.com"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The task's folder.") var path: String
    @Param("The folder of sounds to read, by sample rate; nil takes the highest available.", from: .ours)
    var sampleRate: Int? = nil

    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func construct() throws -> Any {
        let metadata = try metadata()
        let splits = try splits(metadata)
        let isEvent = try word("embedding_type", metadata) == "event"
        let isMultiLabel = try word("prediction_type", metadata) == "multilabel"
        let vocabulary = try LabelTable("\(path)/labelvocabulary.csv", columns: ["idx", "label"])
        try vocabulary.checkPairs("label", "idx")
        let ordered = try vocabulary.rows.sorted { try $0.number("idx") < $1.number("idx") }.map { $0["label"] }
        guard isEvent else {
            return try LabelledDataset(
                try word("task_name", metadata), try splits.there.flatMap(items), parts: splits.all,
                vocabulary: ordered, isMultiLabel: isMultiLabel, missing: missing)
        }
        let events = HEAREvents(path: path, folder: "\(path)/\(try rate())", classes: ordered)
        let listed = try splits.there.map(events.read)
        return try LabelledDataset(
            try word("task_name", metadata), listed.flatMap(\.items), parts: splits.all, vocabulary: ordered,
            isMultiLabel: true, events: try events.task(listed.map(\.events), metadata), missing: missing)
    }

    private func metadata() throws -> [String: OptionValue] {
        guard case .table(let options) = try LabelTable.json("\(path)/task_metadata.json") else {
            throw KitError(.badData, "\(path)/task_metadata.json: expected an object")
        }
        return Dictionary(options.named.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    private func word(_ key: String, _ metadata: [String: OptionValue]) throws -> String {
        guard case .string(let word)? = metadata[key] else {
            throw KitError(.badData, "\(path)/task_metadata.json: '\(key)' must be a string")
        }
        return word
    }

    /// The splits of the task, and those with a list of labels. Throws if lists are missing.
    private func splits(_ metadata: [String: OptionValue]) throws -> (all: [String], there: [String]) {
        let lists = try names(in: path).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
        let stated = try stated(metadata)
        let usual = Self.plain + (stated ?? [])
        let known = lists.filter { $0.hasPrefix("fold") || usual.contains($0) }.sortedByBytes()
        let all = try stated ?? implied(known)
        if let stated, let strange = known.first(where: { !stated.contains($0) }) {
            throw KitError(
                .badData,
                "\(path): \(strange).json exists, but task_metadata.json states only \(stated.joined(separator: ", "))"
            )
        }
        let there = all.filter(known.contains)
        guard there.count == all.count || (missing == .parts && !there.isEmpty) else {
            let absent = all.filter { !known.contains($0) }
            let has = there.isEmpty ? "none" : there.joined(separator: ", ")
            throw KitError(
                .noInput,
                "\(path): the task is not complete: there is no \(absent.map { "\($0).json" }.joined(separator: ", ")), "
                    + "\(counted(absent.count, of: all.count, "list")) (there are: \(has)); missing = \"parts\" measures without"
            )
        }
        return (all, there)
    }

    private static let plain = ["train", "valid", "test"]

    /// The splits in the metadata; nil if it states none.
    private func stated(_ metadata: [String: OptionValue]) throws -> [String]? {
        let file = "\(path)/task_metadata.json"
        switch (metadata["splits"] ?? .null, metadata["split_mode"] ?? .null, metadata["nfolds"] ?? .null) {
        case (.null, .string("trainvaltest"), _): return Self.plain
        case (.null, _, .null): return nil
        case (.null, _, .int(let count)) where (2...1000).contains(count): return (0..<count).map(Self.fold)
        case (.null, _, let value):
            throw KitError(.badData, "\(file): 'nfolds' must be a number of folds, but is \(value.givenText)")
        case (let value, _, _):
            guard let splits = try? [String](option: value), !splits.isEmpty else {
                throw KitError(.badData, "\(file): 'splits' must be a list of names, but is \(value.givenText)")
            }
            return splits
        }
    }

    /// If the metadata states nothing: train, valid and test, or the folds that exist as lists or folders of sounds.
    private func implied(_ lists: [String]) throws -> [String] {
        let sounds = try names(in: "\(path)/\(try rate())")
        let folds = Set(lists + sounds).filter { $0.hasPrefix("fold") }
        guard let last = folds.compactMap({ Int($0.dropFirst(4)) }).max(), last < 1000 else {
            return folds.isEmpty ? Self.plain : folds.sortedByBytes()
        }
        return folds.union((0...last).map(Self.fold)).sortedByBytes()
    }

    private static func fold(_ number: Int) -> String { (number < 10 ? "fold0" : "fold") + "\(number)" }

    private func names(in folder: String) throws -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw KitError(.noInput, "\(folder): there is no such folder")
        }
        return names
    }

    private func items(_ split: String) throws -> [LabelledItem] {
        let list = "\(path)/\(split).json"
        guard case .table(let files) = try LabelTable.json(list), !files.named.isEmpty else {
            throw KitError(.badData, "\(list): expected an object of files and labels")
        }
        let folder = "\(path)/\(try rate())/\(split)"
        return try files.named.map { name, value in
            let given: [OptionValue] = if case .list(let values) = value { values } else { [value] }
            let labels = try given.map { value in
                if let label = Self.label(value) { return label }
                throw KitError(
                    .badData, "\(list): a label of '\(name)' is \(value.givenText), not a string or a whole number")
            }
            return LabelledItem(id: "\(split)/\(name)", path: "\(folder)/\(name)", labels: labels, split: split)
        }
    }

    /// A label as in the vocabulary. In the lists, pitches and counts are numbers.
    static func label(_ value: OptionValue) -> String? {
        switch value {
        case .string(let word): word
        case .int(let number): String(number)
        default: nil
        }
    }

    private func rate() throws -> Int {
        let rates = try names(in: path).compactMap(Int.init).sorted()
        guard let highest = rates.last else {
            throw KitError(.noInput, "\(path): the task is not complete: there is no folder of sounds such as 48000")
        }
        guard let sampleRate else { return highest }
        guard rates.contains(sampleRate) else {
            throw KitError.usage(
                "option 'sample_rate': there are no sounds at \(sampleRate) Hz (there are: "
                    + "\(rates.map(String.init).joined(separator: ", ")))")
        }
        return sampleRate
    }
}
