import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SpeechCommands.self) }

/// Spoken words of 1 s, a folder for each word.
struct SpeechCommands: Dataset {
    static let name = "speech_commands"
    static let summary =
        "Speech Commands as it is distributed: a folder for each word, validation_list.txt and testing_list.txt; "
        + "no speaker is in two splits."
    static let reference = "Warden 2018 (arXiv 1804.03209)"
    static let returns: any OptionConvertible.Type = LabelledDataset.self

    @Param("The folder that contains the words.") var path: String
    @Param("Words to use as classes; nil takes all.", from: .ours) var words: [String]? = nil

    @Param(
        "Missing files and folds: an error, skip to ignore such files, or parts to ignore such folds too.", from: .ours)
    var missing: LabelledDataset.Missing = .error

    func construct() throws -> Any {
        let files = FileManager.default
        guard let names = try? files.contentsOfDirectory(atPath: path) else {
            throw KitError(.noInput, "\(path): there is no such folder")
        }
        // _background_noise_ is not a word.
        let all = names.filter { name in
            var isFolder: ObjCBool = false
            return files.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder) && isFolder.boolValue
                && !name.hasPrefix("_") && !name.hasPrefix(".")
        }.sortedByBytes()
        for word in words ?? [] where !all.contains(word) {
            throw KitError.usage("option 'words': there is no '\(word)'\(NearestName.hint(word, in: all))")
        }
        func list(_ name: String) throws -> Set<String> {
            Set(try LabelTable.text("\(path)/\(name)").parts(separatedBy: "\n"))
        }
        let (valid, test) = (try list("validation_list.txt"), try list("testing_list.txt"))
        // The files in the lists must exist; if all words are used, so must the words in the lists.
        let listed = Dictionary(grouping: valid.union(test)) { $0.parts(separatedBy: "/", omittingEmpty: false)[0] }
        let named = words ?? Set(all).union(listed.keys).sortedByBytes()
        let items = try named.flatMap { word in
            let there = all.contains(word) ? try files.contentsOfDirectory(atPath: "\(path)/\(word)") : []
            let sounds = there.filter { $0.hasSuffix(".wav") && !$0.hasPrefix(".") }
            let expected = (listed[word] ?? []).map { String($0.dropFirst(word.count + 1)) }
            guard !sounds.isEmpty || !expected.isEmpty || missing != .error else {
                throw KitError(.noInput, "\(path): is not complete: the folder '\(word)' has no sounds")
            }
            return Set(sounds + expected).sortedByBytes().map { file in
                let id = "\(word)/\(file)"
                return LabelledItem(
                    id: id, path: "\(path)/\(id)", labels: [word],
                    split: test.contains(id) ? "test" : valid.contains(id) ? "valid" : "train",
                    group: file.parts(separatedBy: "_nohash_", omittingEmpty: false)[0])
            }
        }
        return try LabelledDataset(Self.name, items, parts: ["train", "valid", "test"], missing: missing)
    }
}
