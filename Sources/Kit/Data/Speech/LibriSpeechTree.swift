import Foundation
import KitCore

/// Sounds in folders as those of LibriSpeech: `train-clean-100/84/121123/84-121123-0000.flac` by speaker and chapter, with a
/// text for each in `84-121123.trans.txt`.
///
/// Such sounds get the labels `text`, `speaker` and `subset`, and the chapter as their film. If there are subsets to train
/// and others, `train...` is trained on and `dev...` and `test...` are held out.
enum LibriSpeechTree {
    /// The same films, with labels for those whose folder has transcripts.
    static func labelled(_ films: FilmList, in root: String) throws -> FilmList {
        var films = films
        // By folder, those that no sound has taken yet.
        var texts: [String: [String: String]] = [:]
        var chapters: Set<String> = []
        var subsets: [(source: Int, name: String)] = []
        for (number, source) in films.sources.enumerated() {
            guard let path = source.path else { continue }
            let parts = path.parts(separatedBy: "/")
            guard parts.count > 3 else { continue }
            let (speaker, chapter) = (parts[parts.count - 3], parts[parts.count - 2])
            let folder = Folder.of(path)
            if texts[folder] == nil {
                texts[folder] = try transcripts("\(folder)/\(speaker)-\(chapter).trans.txt")
                if texts[folder]?.isEmpty == false { chapters.insert(folder) }
            }
            guard chapters.contains(folder) else { continue }
            let subset = parts[parts.count - 4]
            var labels: [(key: String, value: OptionValue)] = [
                ("speaker", .string(speaker)), ("subset", .string(subset)),
            ]
            if let text = texts[folder]!.removeValue(forKey: FileName.stem(parts[parts.count - 1])) {
                labels.append(("text", .string(text)))
            }
            films.sources[number].labels = .table(Options(named: labels))
            films.sources[number].film = FileName.composed("\(speaker)/\(chapter)")
            subsets.append((number, subset))
        }
        for (folder, left) in texts {
            let place = folder.utf8.count > root.utf8.count ? "\(folder.dropFirst(root.count + 1))/" : ""
            films.skipped += left.keys.map { SkippedFile(.noSound, "\(place)\($0)") }
        }
        let isTraining = { (subset: String) in subset.hasPrefix("train") }
        let isHeldOut = { (subset: String) in subset.hasPrefix("dev") || subset.hasPrefix("test") }
        guard subsets.contains(where: { isTraining($0.name) }), subsets.contains(where: { isHeldOut($0.name) }),
            subsets.allSatisfy({ isTraining($0.name) || isHeldOut($0.name) })
        else { return films }
        for (number, subset) in subsets { films.sources[number].split = isTraining(subset) ? .train : .heldOut }
        return films
    }

    /// The texts of a chapter by the names of its sounds; empty if the file does not exist.
    private static func transcripts(_ path: String) throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        var texts: [String: String] = [:]
        for (number, line) in try TextFile.read(path).parts(separatedBy: "\n", omittingEmpty: false).enumerated()
        where !line.isEmpty {
            let parts = line.parts(separatedBy: " ", maxSplits: 1)
            guard parts.count == 2 else {
                throw KitError(.badData, "\(path):\(number + 1): expected the name of a sound and its text")
            }
            guard texts.updateValue(parts[1].trimmingCharacters(in: .whitespaces), forKey: parts[0]) == nil else {
                throw KitError(.badData, "\(path):\(number + 1): '\(parts[0])' has a text already")
            }
        }
        return texts
    }
}
