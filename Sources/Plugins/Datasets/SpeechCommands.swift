import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SpeechCommands.self) }

/// Spoken words of 1 s, a folder for each word.
struct SpeechCommands: Dataset {
    static let name = "speech_commands"
    static let summary =
        "Speech Commands as it is distributed: a folder for each word, validation_list.txt and testing_list.txt; "
        + "speakers do not lie in two splits."
    static let source = "Warden 2018 (arXiv 1804.03209)"
    static let returns = "labelled dataset"

    @Param("The folder that holds the words.") var path: String
    @Param("Words to tell apart; nil takes all.", from: .ours) var words: [String]? = nil

    func construct() throws -> Any {
        let files = FileManager.default
        guard let names = try? files.contentsOfDirectory(atPath: path) else {
            throw KitError(.noInput, "\(path): there is no such folder")
        }
        // _background_noise_ is no word.
        let all = names.filter { name in
            var isFolder: ObjCBool = false
            return files.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder) && isFolder.boolValue
                && !name.hasPrefix("_") && !name.hasPrefix(".")
        }.sorted()
        for word in words ?? [] where !all.contains(word) {
            throw KitError.usage("option 'words': there is no '\(word)'\(NearestName.hint(word, in: all))")
        }
        func list(_ name: String) throws -> Set<String> {
            Set(try LabelTable.text("\(path)/\(name)").split(separator: "\n").map(String.init))
        }
        let (valid, test) = (try list("validation_list.txt"), try list("testing_list.txt"))
        let items = try (words ?? all).flatMap { word in
            try files.contentsOfDirectory(atPath: "\(path)/\(word)").filter { $0.hasSuffix(".wav") }.sorted().map {
                file in
                let id = "\(word)/\(file)"
                return LabelledItem(
                    id: id, path: "\(path)/\(id)", labels: [word],
                    split: test.contains(id) ? "test" : valid.contains(id) ? "valid" : "train",
                    group: file.components(separatedBy: "_nohash_")[0])
            }
        }
        return try LabelledDataset(Self.name, items)
    }
}
