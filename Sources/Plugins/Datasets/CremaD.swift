import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CremaD.self) }

/// 7442 sentences by 91 actors in six emotions.
struct CremaD: Dataset {
    static let name = "crema_d"
    static let summary =
        "CREMA-D as it is distributed: AudioWAV/1001_DFA_ANG_XX.wav, or the films of VideoFlash; actors are kept together "
        + "in folds, which the dataset itself does not prescribe."
    static let reference = "Cao et al. 2014, CREMA-D: Crowd-sourced emotional multimodal actors dataset"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    private static let emotions = [
        "ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "happiness", "NEU": "neutral", "SAD": "sadness",
    ]

    @Param("The folder that contains AudioWAV or VideoFlash.") var path: String
    @Param("Sounds or films.", from: .ours) var media: Media = .audio
    @Param("Number of folds; an actor's number decides the fold.", in: 2...91, from: .inferred) var folds: Int = 5

    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    enum Media: String, ChoiceOption { case audio, video }

    func construct() throws -> Any {
        let folder = "\(path)/\(media == .audio ? "AudioWAV" : "VideoFlash")"
        let ending = media == .audio ? ".wav" : ".flv"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw KitError(.noInput, "\(folder): there is no such folder")
        }
        let there = names.filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }
        let items = try Set(there + listed(ending)).sortedByBytes().map { name in
            let words = name.dropLast(ending.count).split(separator: "_").map(String.init)
            guard words.count == 4, let actor = Int(words[0]), let emotion = Self.emotions[words[2]] else {
                throw KitError(
                    .badData,
                    "\(folder)/\(name): expected <actor>_<sentence>_<emotion>_<level>\(ending) with one of "
                        + Self.emotions.keys.sorted().joined(separator: ", "))
            }
            return LabelledItem(
                id: name, path: "\(folder)/\(name)", labels: [emotion], split: "fold\(actor % folds)",
                group: words[0])
        }
        try checkActors(items, folder)
        return try LabelledDataset(Self.name, items, parts: (0..<folds).map { "fold\($0)" }, missing: missing)
    }

    /// The files in the dataset's own list, if that was downloaded too.
    private func listed(_ ending: String) throws -> [String] {
        let list = "\(path)/SentenceFilenames.csv"
        guard FileManager.default.fileExists(atPath: list) else { return [] }
        return try LabelTable(list, columns: ["Filename"]).rows.map { $0["Filename"] + ending }
    }

    /// Throws if an actor's number is missing; they count from 1001.
    private func checkActors(_ items: [LabelledItem], _ folder: String) throws {
        let actors = Set(items.compactMap { Int($0.group) })
        guard missing != .parts, let last = actors.max() else { return }
        let absent = (min(last, 1001)...last).filter { !actors.contains($0) }
        guard !absent.isEmpty else { return }
        let named = absent.prefix(5).map(String.init).joined(separator: ", ") + (absent.count > 5 ? " ..." : "")
        throw KitError(
            .noInput,
            "\(folder): is not complete: there are no files of \(counted(absent.count, "actor")) (\(named)), but of "
                + "\(counted(actors.count, "other")), up to \(last); missing = \"parts\" measures without them")
    }
}
