import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LabelledManifest.self) }

/// Films or sounds of this kit's manifests, with one of their labels as the class.
struct LabelledManifest: Dataset {
    static let name = "manifest"
    static let summary =
        "A labelled dataset from a manifest (.jsonl, .csv), or anything else that kit.dataset.films takes and that has labels, by the name of one of them; each film is in one fold."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The manifest, tar files, or a folder of speech with its texts.") var path: String
    @Param("The name of the label: one string or number per source, or a list of several.") var label: String
    @Param("Value of {data_root} in it; nil takes the variable DUBKIT_DATA_ROOT.", from: .ours)
    var dataRoot: String? = nil
    @Param("Number of folds for a random split of films, if the manifest states no split.", in: 2...1000, from: .ours)
    var folds: Int = 5
    @Param("Label whose values, such as speakers, are each in one fold; nil takes the films.", from: .ours)
    var group: String? = nil
    @Param("Seed for the random folds.", from: .ours) var seed: Int = 0
    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func construct() throws -> Any {
        let sources = try Manifest.read(path, dataRoot: dataRoot)
        let isPrescribed = sources.contains { $0.split != nil }
        let groups = try sources.map(groupName)
        let films = Set(groups).sortedByBytes()
        var random = RandomStream(seed: seed)
        let places = Dictionary(uniqueKeysWithValues: zip(films, random.permutation(films.count)))
        var isMultiLabel = false
        let items = try zip(sources, groups).map { source, group in
            let labels = try labels(source)
            isMultiLabel = isMultiLabel || labels.isList
            let split: String
            if isPrescribed {
                guard let given = source.split else {
                    throw KitError(.badData, "\(source.place): has no split, but others have: give all one")
                }
                split = given == .heldOut ? "test" : "train"
            } else {
                split = "fold\(places[group]! % folds)"
            }
            return LabelledItem(
                id: source.id, path: source.mainPath, start: source.start, duration: source.duration,
                labels: labels.words, split: split, group: group)
        }
        guard isPrescribed || films.count >= folds else {
            throw KitError.usage(
                "option 'folds': \(path) has \(counted(films.count, group ?? "film")), too few for \(counted(folds, "fold")): a \(group ?? "film") is in one fold"
            )
        }
        let parts = isPrescribed ? ["train", "test"] : (0..<folds).map { "fold\($0)" }
        return try LabelledDataset(
            label, items, sources: sources, parts: parts, isMultiLabel: isMultiLabel, missing: missing)
    }

    private func groupName(of source: ClipSource) throws -> String {
        guard let group else { return source.film }
        return try word(value(of: group, source), group, source)
    }

    private func labels(_ source: ClipSource) throws -> (words: [String], isList: Bool) {
        let value = try value(of: label, source)
        if case .list(let values) = value { return (try values.map { try word($0, label, source) }, true) }
        return ([try word(value, label, source)], false)
    }

    private func value(of label: String, _ source: ClipSource) throws -> OptionValue {
        guard case .table(let labels) = source.labels, let value = labels.named.first(where: { $0.key == label })?.value
        else {
            var known: [String] = []
            if case .table(let labels) = source.labels { known = labels.named.map(\.key) }
            throw KitError(
                .badData,
                "\(source.place): has no label '\(label)'\(NearestName.hint(label, in: known)) "
                    + "(it has: \(known.isEmpty ? "none" : known.joined(separator: ", ")))")
        }
        return value
    }

    private func word(_ value: OptionValue, _ label: String, _ source: ClipSource) throws -> String {
        switch value {
        case .string(let text): return text
        case .int(let number): return "\(number)"
        case .bool(let truth): return "\(truth)"
        default:
            throw KitError(
                .badData, "\(source.place): label '\(label)' is \(value.givenText): expected a string or number")
        }
    }
}
