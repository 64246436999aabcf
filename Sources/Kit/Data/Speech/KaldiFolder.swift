import Foundation
import KitCore
import KitMedia

/// A data folder of Kaldi: recordings in `wav.scp`, and utterances in `segments`, with `text`, `utt2spk` and `spk2gender`.
///
/// Each utterance is a source; without `segments`, each recording is one. Its film is the recording, its labels are `text`,
/// `speaker` and `gender`. Recordings that are commands or parts of archives are refused.
enum KaldiFolder {
    static let list = "wav.scp"

    /// A line of one of the files: the name that it begins with, and the rest.
    private struct Line {
        let place: String
        let name: String
        let rest: String

        func fault(_ text: String) -> KitError { KitError(.badData, "\(place): \(text)") }
    }

    /// The sources of a folder, in the order of its utterances.
    ///
    /// - Parameter root: the folder of relative paths; nil for the data folder itself.
    static func list(_ folder: String, root: String?) throws -> FilmList {
        let recordings = try lines("\(folder)/\(list)")
        guard !recordings.isEmpty else { throw KitError(.badData, "\(folder)/\(list): lists no recordings") }
        let base = URL(fileURLWithPath: root ?? folder, isDirectory: true)
        let paths = try Dictionary(uniqueKeysWithValues: recordings.map { ($0.name, try path(of: $0, in: base)) })
        var sources: [ClipSource]
        if let segments = try optionalLines("\(folder)/segments") {
            sources = try segments.map { try source(of: $0, paths) }
        } else {
            sources = recordings.map { ClipSource(id: $0.name, path: paths[$0.name], place: $0.place) }
        }
        guard !sources.isEmpty else { throw KitError(.badData, "\(folder)/segments: lists no utterances") }
        let places = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1.id, $0) })
        var labels = [[(key: String, value: OptionValue)]](repeating: [], count: sources.count)
        for (file, label) in [("text", "text"), ("utt2spk", "speaker")] {
            for line in try optionalLines("\(folder)/\(file)") ?? [] {
                guard let place = places[line.name] else { throw unknown(line, "an utterance", Array(places.keys)) }
                labels[place].append((label, .string(line.rest)))
            }
        }
        if let genders = try optionalLines("\(folder)/spk2gender") {
            let byName = Dictionary(uniqueKeysWithValues: genders.map { ($0.name, $0.rest) })
            for place in labels.indices {
                guard case .string(let speaker)? = labels[place].first(where: { $0.key == "speaker" })?.value,
                    let gender = byName[speaker]
                else { continue }
                labels[place].append(("gender", .string(gender)))
            }
        }
        for place in sources.indices where !labels[place].isEmpty {
            sources[place].labels = .table(Options(named: labels[place]))
        }
        return FilmList(sources)
    }

    private static func optionalLines(_ path: String) throws -> [Line]? {
        FileManager.default.fileExists(atPath: path) ? try lines(path) : nil
    }

    /// The lines of a file. Throws if a name comes twice.
    private static func lines(_ path: String) throws -> [Line] {
        var known: [String: String] = [:]
        let texts = try TextFile.read(path).parts(separatedBy: "\n", omittingEmpty: false)
        return try texts.enumerated().compactMap { number, text in
            let isBlank = { (letter: Unicode.Scalar) in letter == " " || letter == "\t" }
            let scalars = text.unicodeScalars.drop(while: isBlank)
            let name = String(String.UnicodeScalarView(scalars.prefix { !isBlank($0) }))
            guard !name.isEmpty else { return nil }
            let rest = String(String.UnicodeScalarView(scalars.drop { !isBlank($0) }))
            let line = Line(place: "\(path):\(number + 1)", name: name, rest: rest.trimmingCharacters(in: .whitespaces))
            if let earlier = known.updateValue(line.place, forKey: name) {
                throw line.fault("'\(name)' is already in \(earlier)")
            }
            return line
        }
    }

    private static func path(of line: Line, in base: URL) throws -> String {
        let advice = "convert its sound to a file of its own, and write the file's name here"
        if line.rest.hasSuffix("|") {
            throw line.fault(
                "recording '\(line.name)' is a command ('\(line.rest.prefix(60))'), and no command in data is run: \(advice)"
            )
        }
        guard !line.rest.isEmpty, line.rest != "-" else { throw line.fault("recording '\(line.name)' has no file") }
        if line.rest.wholeMatch(of: #/.*:\d+(\[.*\])?/#) != nil {
            throw line.fault(
                "recording '\(line.name)' is a part of an archive ('\(line.rest.prefix(60))'), which is not read: \(advice)"
            )
        }
        return FileName.existing(URL(fileURLWithPath: line.rest, relativeTo: base).standardizedFileURL.path)
    }

    private static func source(of line: Line, _ paths: [String: String]) throws -> ClipSource {
        let fields = line.rest.split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 3, let start = DecimalNumber.parse(fields[1]), let end = DecimalNumber.parse(fields[2])
        else { throw line.fault("expected an utterance, its recording, start and end in seconds") }
        guard let path = paths[fields[0]] else {
            throw unknown(Line(place: line.place, name: fields[0], rest: ""), "a recording", Array(paths.keys))
        }
        // Kaldi writes -1 for the end of the recording.
        guard ClipSource.times.contains(start), end == -1 || ClipSource.times.contains(end) && end > start else {
            throw line.fault(
                "utterance '\(line.name)' from \(fields[1]) to \(fields[2]) s: expected an end after the start")
        }
        return ClipSource(
            id: line.name, film: fields[0], path: path, start: start, duration: end == -1 ? nil : end - start,
            place: line.place)
    }

    private static func unknown(_ line: Line, _ what: String, _ names: [String]) -> KitError {
        line.fault("'\(line.name)' is not \(what)\(NearestName.hint(line.name, in: names.sortedByBytes()))")
    }
}
