import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(HEAR.self) }

/// A task of the HEAR benchmark, preprocessed as its site gives it out.
struct HEAR: Dataset {
    static let name = "hear"
    static let summary =
        "A preprocessed task of HEAR 2021: task_metadata.json, labelvocabulary.csv, train.json, valid.json and test.json or "
        + "fold00.json and on, and sounds under <sample rate>/<split>/. Scene tasks, multi-class and multi-label, and event "
        + "tasks, whose labels have times."
    static let source = "Turian et al. 2022 (HEAR, arXiv 2203.03022); hearbenchmark.com"
    static let returns = "labelled dataset"

    @Param("The task's folder.") var path: String
    @Param("The folder of sounds to read, by sample rate; nil takes the highest that is there.", from: .ours)
    var sampleRate: Int? = nil

    func construct() throws -> Any {
        let metadata = try metadata()
        let isEvent = try word("embedding_type", metadata) == "event"
        let isMultiLabel = try word("prediction_type", metadata) == "multilabel"
        let vocabulary = try LabelTable("\(path)/labelvocabulary.csv", columns: ["idx", "label"]).rows
        let ordered = try vocabulary.sorted { try $0.number("idx") < $1.number("idx") }.map { $0["label"] }
        guard isEvent else {
            return try LabelledDataset(
                try word("task_name", metadata), try splits().flatMap(items), vocabulary: ordered,
                isMultiLabel: isMultiLabel)
        }
        let events = HEAREvents(path: path, folder: "\(path)/\(try rate())", classes: ordered)
        let listed = try splits().map(events.read)
        return try LabelledDataset(
            try word("task_name", metadata), listed.flatMap(\.items), vocabulary: ordered, isMultiLabel: true,
            events: try events.task(listed.map(\.events), metadata))
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

    /// The splits that have a list of labels: train, valid and test, or the folds.
    private func splits() throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".json") }
            .map { String($0.dropLast(5)) }
        let folds = names.filter { $0.hasPrefix("fold") }.sorted()
        if !folds.isEmpty { return folds }
        for split in ["train", "valid", "test"] where !names.contains(split) {
            throw KitError(.noInput, "\(path): the task is not complete: there is no \(split).json")
        }
        return ["train", "valid", "test"]
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

    /// A label as the vocabulary writes it: in the lists pitches and counts are numbers.
    static func label(_ value: OptionValue) -> String? {
        switch value {
        case .string(let word): word
        case .int(let number): String(number)
        default: nil
        }
    }

    private func rate() throws -> Int {
        let rates = try FileManager.default.contentsOfDirectory(atPath: path).compactMap(Int.init).sorted()
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
