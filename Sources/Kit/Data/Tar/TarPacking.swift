import Foundation
import KitCore
import KitMedia

/// Packs films and sounds into tar files in the layout of the Python package webdataset, with their tracks, subtitles,
/// texts and labels. Nothing is decoded: a member has the bytes of its file.
public struct TarPacking {
    public static let standardPrefix = "films"
    public static let standardSamples = 10_000
    public static let standardMegabytes = 1000

    /// The largest number of samples in a tar file.
    public var mostSamples = Self.standardSamples
    /// The largest size of a tar file in MB, unless one sample is larger.
    public var mostMegabytes = Self.standardMegabytes
    /// The beginning of the tar files' names.
    public var prefix = Self.standardPrefix
    /// The seed of a random order of the samples; nil keeps that of the films.
    public var seed: Int?

    /// The result of packing.
    public struct Result: Sendable {
        /// The names of the tar files in their folder.
        public var tars: [String] = []
        public var samples = 0
        public var sources = 0
        /// The size of all tar files.
        public var bytes = 0
    }

    /// Sources of the same files: one sample.
    private struct Sample {
        let key: String
        let sources: [ClipSource]
        /// The members but for the `.json`, each with its file.
        let files: [(member: String, path: String)]
        let record: [UInt8]
    }

    private let sources: [ClipSource]

    public init(_ films: FilmList) { sources = films.sources }

    /// Writes the tar files `prefix-000000.tar`... into a folder, which appears when all of them are complete.
    ///
    /// - Parameter folder: must not exist, or be empty.
    /// - Throws: `.noInput` before anything is written if files are missing.
    public func write(to folder: String) throws -> Result {
        let disk = DiskFileSystem()
        // The draft is next to the folder.
        let slashes = folder.utf8.reversed().prefix { $0 == UInt8(ascii: "/") }.count
        let folder = String(folder.dropLast(slashes))
        guard !folder.isEmpty else { throw KitError.usage("the name of the folder to write is empty") }
        for (name, value) in [("samples", mostSamples), ("megabytes", mostMegabytes)]
        where !(1...1_000_000_000 ~= value) {
            throw KitError.usage("option '\(name)' must be 1 to 1000000000, but is \(value)")
        }
        guard !prefix.isEmpty, !prefix.hasPrefix("."), !prefix.contains("/") else {
            throw KitError.usage("option 'prefix' must be the beginning of a file's name, but is \"\(prefix)\"")
        }
        guard try disk.names(in: folder).isEmpty else {
            throw KitError.usage("\(folder): the folder is not empty: give a new one")
        }
        let samples = try ordered(samples())
        try checkFiles(samples)
        // Whoever reads the folder must not take some of the files for all.
        let draft = "\(folder).tmp"
        if disk.exists(draft) { try disk.remove(draft) }
        try disk.makeFolder(draft)
        do {
            let result = try write(samples, to: draft)
            try disk.rename(draft, to: folder)
            do { try disk.syncFolder(Folder.of(folder)) } catch {
                try? disk.remove(folder)
                throw error
            }
            return result
        } catch {
            try? disk.remove(draft)
            throw error
        }
    }

    private func write(_ samples: [Sample], to folder: String) throws -> Result {
        var result = Result()
        var tar: TarWriter?
        var count = 0
        func finish() throws {
            result.bytes += tar?.length ?? 0
            try tar?.finish()
            (tar, count) = (nil, 0)
        }
        for sample in samples {
            let files = try sample.files.map { member, path in
                guard let file = FileBytes(path) else { throw KitError.inputOutput("cannot read \(path)", errno) }
                return (member: member, path: path, bytes: file)
            }
            let record = "\(sample.key).json"
            let size =
                TarWriter.length(record, sample.record.count)
                + files.reduce(0) { $0 + TarWriter.length($1.member, $1.bytes.count) }
            if let open = tar, count == mostSamples || open.length + size > mostMegabytes * 1_000_000 { try finish() }
            if tar == nil {
                let name = "\(prefix)-\("\(result.tars.count)".padded(to: 6, .right, with: "0"))\(TarIndex.ending)"
                tar = try TarWriter("\(folder)/\(name)")
                result.tars.append(name)
            }
            for (member, path, bytes) in files { try tar!.add(member, copying: bytes, path) }
            try tar!.add(record, sample.record)
            count += 1
            result.samples += 1
            result.sources += sample.sources.count
        }
        try finish()
        return result
    }

    private func ordered(_ samples: [Sample]) -> [Sample] {
        guard let seed else { return samples }
        var random = RandomStream(seed: seed).derived("pack")
        return random.permutation(samples.count).map { samples[$0] }
    }

    private func checkFiles(_ samples: [Sample]) throws {
        let files = samples.flatMap(\.files).map(\.path)
        let missing = try files.filter { try MediaPlace.find($0) == nil }
        guard missing.isEmpty else {
            throw KitError(
                .noInput,
                "\(counted(missing.count, of: files.count, "file")) \(agreeing(missing.count, "is", "are")) missing, such as "
                    + missing.prefix(3).joined(separator: ", "))
        }
    }

    /// The samples in the order of their first sources.
    private func samples() throws -> [Sample] {
        var groups: [(files: [[UInt8]], sources: [ClipSource])] = []
        var places: [[[UInt8]]: Int] = [:]
        for source in sources {
            let files = Self.files(of: source).map { Array($0.utf8) }
            if let place = places[files] {
                groups[place].sources.append(source)
            } else {
                places[files] = groups.count
                groups.append((files, [source]))
            }
        }
        var keys: Set<String> = []
        return try groups.map { _, sources in
            let name = sources.count == 1 ? sources[0].id : sources[0].film
            let key = Self.key(name, besides: &keys)
            return try Self.sample(key, sources)
        }
    }

    /// The files of a source's own, each once: the main one first.
    private static func files(of source: ClipSource) -> [String] {
        ([source.path] + source.tracks.map(\.path)).compactMap { $0 }.reduce(into: []) { files, file in
            if !files.contains(where: { $0.utf8.elementsEqual(file.utf8) }) { files.append(file) }
        }
    }

    /// A name without dots, which end the key in a member's name, and without anything that other systems refuse.
    private static func key(_ name: String, besides keys: inout Set<String>) -> String {
        let isKept = { (letter: Character) in letter.isLetter || letter.isNumber || letter == "-" }
        let parts = name.parts(separatedBy: "/").map { part in
            // Two underscores at both ends would hide it from webdataset.
            String(part.map { isKept($0) ? $0 : "_" }).trimmingCharacters(in: ["_"])
        }.filter { !$0.isEmpty }
        let plain = parts.isEmpty ? "sample" : parts.joined(separator: "/")
        var key = plain
        var number = 2
        while !keys.insert(key).inserted {
            key = "\(plain)-\(number)"
            number += 1
        }
        return key
    }

    private static func sample(_ key: String, _ sources: [ClipSource]) throws -> Sample {
        let first = sources[0]
        var members: [(member: String, path: String)] = []
        func add(_ path: String, _ middle: String = "") {
            let ending = FileName.ending(path)
            members.append(("\(key)\(middle).\(ending.isEmpty ? "media" : ending)", path))
        }
        for file in files(of: first) {
            let language = first.tracks.first { $0.path?.utf8.elementsEqual(file.utf8) == true }?.language
            add(file, file == first.path ? "" : ".\(language!)")
        }
        if let film = first.path {
            for (language, subtitles) in FilmSubtitles.files(of: film) {
                add(subtitles, language == .undetermined ? "" : ".\(language)")
            }
            let text = "\(FileName.stem(film)).txt"
            if !hasText(first), try MediaPlace.find(text) != nil { add(text) }
        }
        // Members are found by their names in small letters.
        var endings: Set<String> = []
        for (member, path) in members where !endings.insert(member.lowercased()).inserted {
            throw KitError(.badData, "\(path): the sample '\(key)' has two files that would be '\(member)'")
        }
        let names = Dictionary(
            members.map { (Array($0.path.utf8), $0.member) }, uniquingKeysWith: { first, _ in first })
        func member(_ path: String) -> OptionValue {
            // Paths in a record count from its own place.
            .string(names[Array(path.utf8)]!.parts(separatedBy: "/").last!)
        }
        let isAlone = sources.count == 1
        var records = sources.map { record(of: $0, member, withLabels: !isAlone) }
        var labels: [(key: String, value: OptionValue)] = []
        if isAlone, case .table(let own) = first.labels { labels = own.named }
        if labels.contains(where: { $0.key == TarFilms.recordKey }) {
            records = [record(of: first, member, withLabels: true)]
            labels = []
        }
        labels.append((TarFilms.recordKey, isAlone ? records[0] : .list(records)))
        let value = try JSONOption(plain: .table(Options(named: labels)), name: "labels")
        return Sample(key: key, sources: sources, files: members, record: Array(try JSONText.line(value)))
    }

    /// Whether a source has a label that a text next to the film would replace.
    private static func hasText(_ source: ClipSource) -> Bool {
        guard case .table(let labels) = source.labels else { return false }
        return labels.named.contains { $0.key == "text" }
    }

    /// The line of a manifest for a source.
    private static func record(
        of source: ClipSource, _ member: (String) -> OptionValue, withLabels: Bool
    ) -> OptionValue {
        var line: [(key: String, value: OptionValue)] = [("id", .string(source.id)), ("film", .string(source.film))]
        if let path = source.path { line.append(("path", member(path))) }
        if source.start != 0 { line.append(("start", .number(source.start))) }
        if let duration = source.duration { line.append(("duration", .number(duration))) }
        // Those next to a film are found again by their names.
        if !source.hasOwnTracks {
            let tracks = source.tracks.map { track in
                var entry: [(key: String, value: OptionValue)] = [("lang", .string(track.language.description))]
                if let path = track.path { entry.append(("path", member(path))) }
                if let stream = track.stream { entry.append(("stream", .int(stream))) }
                return OptionValue.table(Options(named: entry))
            }
            line.append(("tracks", .list(tracks)))
        }
        if let original = source.original { line.append(("original", .string(original.description))) }
        if let split = source.split { line.append(("split", .string(split.rawValue))) }
        if withLabels, case .table = source.labels { line.append(("labels", source.labels)) }
        return .table(Options(named: line))
    }
}
