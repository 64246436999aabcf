import Foundation
import KitCore
import KitMedia

/// The films and sounds of tar files in the layout of the Python package webdataset, which calls them shards.
///
/// Each sample is a source: its film or sound, sounds in other languages (`market.es.flac`), and its labels. Labels are
/// the keys of `.json`, the whole number in `.cls` as `cls`, and `.txt` as `text`; other texts and JSON files have the
/// name of their ending (`caption.txt`). The key `dubkit` of `.json`, which `TarPacking` writes, is a line of a manifest
/// or a list of lines, with paths next to the `.json`.
enum TarFilms {
    /// The key of a sample's `.json` with the line of a manifest.
    static let recordKey = "dubkit"
    /// Labels and texts are never longer than this.
    private static let longestText = 1 << 20
    private static let textEndings = ["json", "cls", "txt"]

    /// The paths of the tar files that a path means: one, a short form in braces, or the tar files of a folder. Nil if
    /// it means none.
    static func paths(_ path: String) throws -> [String]? {
        if path.unicodeScalars.contains("{"), !FileManager.default.fileExists(atPath: path) {
            let paths = try BraceNotation.expand(path)
            if let other = paths.first(where: { !isTar($0) }) {
                throw KitError.usage("\(path): braces are for tar files (\(TarIndex.ending)), but one is '\(other)'")
            }
            let missing = paths.filter { !FileManager.default.fileExists(atPath: $0) }
            guard missing.isEmpty else {
                throw KitError(
                    .noInput,
                    "\(path): \(counted(missing.count, of: paths.count, "tar file")) "
                        + "\(agreeing(missing.count, "is", "are")) missing, such as "
                        + missing.prefix(3).joined(separator: ", "))
            }
            return paths
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        guard isFolder.boolValue else { return isTar(path) ? [path] : nil }
        let names = try DiskFileSystem().names(in: path).filter { isTar($0) && !$0.hasPrefix(".") }
        return names.isEmpty ? nil : names.map { "\(path)/\($0)" }
    }

    private static func isTar(_ path: String) -> Bool { path.lowercased().hasSuffix(TarIndex.ending) }

    /// The sources in the order of the tar files, each named by its record, or else by its key.
    static func list(_ paths: [String]) throws -> FilmList {
        var results = [Result<Archive, KitError>?](repeating: nil, count: paths.count)
        results.withUnsafeMutableBufferPointer { results in
            let slots = results.baseAddress!
            ThreadPool.shared.forEach(paths.count) { number in
                guard !Interrupt.mustStop else { return }
                slots[number] = Result { try Archive(paths[number]) }.mapError { $0.asKitError }
            }
        }
        let archives = try results.map { result in
            guard let result else { throw KitError(.interrupted, "interrupted") }
            return try result.get()
        }
        var films = FilmList([], skipped: archives.flatMap(\.skipped))
        // Keys often count from 0 in every tar file.
        let keys = archives.flatMap(\.sources).filter(\.isNamedByKey).map(\.source.id)
        let isUnique = Set(keys).count == keys.count
        for archive in archives {
            films.sources += archive.sources.map { source, isNamedByKey in
                guard isNamedByKey, !isUnique else { return source }
                var source = source
                source.id = "\(FileName.composed(FileName.stem(archive.name)))/\(source.id)"
                source.film = source.id
                return source
            }
        }
        guard !films.sources.isEmpty else {
            let rest = SkippedFile.lines(films.skipped).map { "; skipped: \($0)" }.joined()
            throw KitError(.noInput, "\(paths[0]): no films or sounds in \(counted(paths.count, "tar file"))\(rest)")
        }
        return films
    }

    /// The sources of one tar file.
    private struct Archive {
        let name: String
        private(set) var sources: [(source: ClipSource, isNamedByKey: Bool)] = []
        private(set) var skipped: [SkippedFile] = []
        private var unusedEndings: Set<String> = []
        private let path: String
        private let index: TarIndex
        private let file: FileBytes

        init(_ given: String) throws {
            let url = URL(fileURLWithPath: given).standardizedFileURL
            (path, name) = (url.path, url.lastPathComponent)
            index = try TarIndex.of(path)
            guard let file = FileBytes(path) else { throw KitError.inputOutput("cannot read \(path)", errno) }
            self.file = file
            do {
                let (samples, others) = try TarSample.all(in: index)
                skipped = others.map { SkippedFile(.hidden, "\(name)/\($0)") }
                skipped += index.unread.map { SkippedFile(SkippedFile.Reason($0.reason), "\(name)/\($0.name)") }
                for sample in samples {
                    try Interrupt.check()
                    try add(sample)
                }
            } catch let error as KitError { throw error.prefixed(path) }
        }

        private mutating func add(_ sample: TarSample) throws {
            let own = try sources(of: sample)
            guard !own.isEmpty else { return skipped.append(SkippedFile(.noMedia, "\(name)/\(sample.key)")) }
            let files = own.flatMap { [$0.source.path] + $0.source.tracks.map(\.path) }.compactMap { $0 }
            for part in sample.parts {
                let ending = FileName.ending(part.member.name)
                let isUsed =
                    textEndings.contains(ending) || SubtitleFile.endings.contains(ending)
                    || files.contains { $0.utf8.elementsEqual("\(path)/\(part.member.name)".utf8) }
                // One line for all members of a kind.
                guard !isUsed, unusedEndings.insert(part.ending).inserted else { continue }
                skipped.append(SkippedFile(.unusedMember, "\(name)/*.\(part.ending)"))
            }
            sources += own
        }

        /// A source for each record, or else for the film or sound; none if there is neither.
        private func sources(of sample: TarSample) throws -> [(source: ClipSource, isNamedByKey: Bool)] {
            let (labels, records) = try labels(of: sample)
            let place = "\(path)/\(sample.key)"
            let id = FileName.composed(sample.key)
            let main = try records == nil ? sample.main() : nil
            let sidecars = sample.tracks.filter { $0.part.member.name != main?.member.name }.map {
                SourceTrack(language: $0.language, path: "\(path)/\($0.part.member.name)")
            }
            guard let records else {
                guard main != nil || !sidecars.isEmpty else { return [] }
                let source = ClipSource(
                    id: id, path: main.map { "\(path)/\($0.member.name)" }, tracks: sidecars, hasOwnTracks: main != nil,
                    labels: Self.table(labels), place: place)
                return [(source, true)]
            }
            return try records.map { record in
                var source = try ManifestRecord(record, base: base(of: sample)).source(place: place)
                try checkPaths(of: source)
                if source.id.isEmpty { source.id = id }
                if source.tracks.isEmpty { source.tracks = sidecars }
                var own: [(key: String, value: OptionValue)] = []
                if case .table(let options) = source.labels { own = options.named }
                source.labels = Self.table(labels.filter { label in !own.contains { $0.key == label.key } } + own)
                return (source, false)
            }
        }

        private static func table(_ labels: [(key: String, value: OptionValue)]) -> OptionValue {
            labels.isEmpty ? .null : .table(Options(named: labels))
        }

        private func base(of sample: TarSample) -> ManifestRecord.Base {
            let folder = sample.key.parts(separatedBy: "/").dropLast().joined(separator: "/")
            return ManifestRecord.Base(
                folder: URL(fileURLWithPath: "\(path)/\(folder)", isDirectory: true), dataRoot: nil)
        }

        /// Throws if a record names a file that is not a member of the tar file.
        private func checkPaths(of source: ClipSource) throws {
            for file in [source.path].compactMap({ $0 }) + source.tracks.compactMap(\.path) {
                let isMember =
                    file.utf8.starts(with: "\(path)/".utf8)
                    && index.member(String(file.unicodeScalars.dropFirst(path.unicodeScalars.count + 1))) != nil
                guard isMember else {
                    throw KitError(.badData, "the record of '\(source.place)' names '\(file)', which is not a member")
                }
            }
        }

        /// The labels of a sample, and the lines of a manifest in its `.json`, if it has them.
        private func labels(
            of sample: TarSample
        ) throws -> (labels: [(key: String, value: OptionValue)], records: [OptionValue]?) {
            var labels: [(key: String, value: OptionValue)] = []
            var records: [OptionValue]?
            for part in sample.parts where textEndings.contains(FileName.ending(part.member.name)) {
                do {
                    let text = try text(of: part.member)
                    let value = try Self.value(of: text, FileName.ending(part.member.name))
                    guard part.ending == "json", case .table(let options) = value else {
                        let name = part.ending == "txt" ? "text" : part.ending
                        labels.removeAll { $0.key == name }
                        labels.append((name, value))
                        continue
                    }
                    for (key, value) in options.named {
                        if key == recordKey {
                            if case .list(let lines) = value { records = lines } else { records = [value] }
                        } else if !labels.contains(where: { $0.key == key }) {
                            // A member of its own takes precedence.
                            labels.append((key, value))
                        }
                    }
                } catch let error as KitError { throw error.prefixed("'\(part.member.name)'") }
            }
            return (labels, records)
        }

        private static func value(of text: String, _ ending: String) throws -> OptionValue {
            if ending == "json" { return try JSONOption.parse(text) }
            let word = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard ending == "cls" else { return .string(word) }
            guard let number = Int(word) else {
                throw KitError(.badData, "expected the whole number of a class, found \"\(word.prefix(40))\"")
            }
            return .int(number)
        }

        private func text(of member: TarIndex.Member) throws -> String {
            guard member.range.count <= longestText else {
                let size = counted(member.range.count, "byte")
                throw KitError(.badData, "has \(size): labels have at most \(longestText)")
            }
            guard let bytes = file.bytes(at: member.range.lowerBound, count: member.range.count) else {
                throw KitError(.badData, "became shorter while it was read")
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw KitError(.badData, "not UTF-8 text")
            }
            return text
        }
    }
}

extension SkippedFile.Reason {
    init(_ reason: TarIndex.Unread) {
        switch reason {
        case .special: self = .link
        case .notUTF8: self = .notUTF8
        case .leadsOut: self = .leadsOut
        }
    }
}
