import Foundation
import KitCore
import KitMedia
import Synchronization

/// Checks every file of a dataset by decoding all of it, for `dubkit data check PATH`.
public struct DataCheck {
    /// Something that is wrong with a file, or worth knowing before training on it.
    public struct Finding: Equatable, Sendable {
        public enum Kind: String, Sendable, CaseIterable {
            case unreadable
            case truncated
            case damaged
            case outOfRange = "out of range"
            case missingTrack = "missing track"
            case ambiguous = "ambiguous language"
            case leak = "in two splits"
            case missingLanguage = "missing language"
            case noVideo = "no video"
            case noSound = "no sound"
            case silent
            case short
            case held = "frame held"
            case gap
            case offset
            case noLanguage = "no language"

            /// Whether clips of the file cannot be trusted, rather than only lack something.
            public var isFault: Bool {
                [.unreadable, .truncated, .damaged, .outOfRange, .missingTrack, .ambiguous, .leak].contains(self)
            }
            /// Whether the file is usable for training anyway: recipes call an untagged track `und`.
            public var isRemark: Bool { self == .noLanguage }
        }

        public let kind: Kind
        /// The finding in words, with the number of the track and the values.
        public let message: String
    }

    /// One file.
    public struct Entry: Sendable {
        public let path: String
        /// The name of the first source that uses it.
        public let source: String
        /// The language that this source says it is in, for a sound file next to a film; nil for the film's own file.
        public let language: Language?
        /// Nil if the file cannot be opened.
        public internal(set) var duration: Double?
        public internal(set) var video: VideoTrack?
        public internal(set) var tracks: [AudioTrack] = []
        public internal(set) var findings: [Finding] = []

        /// "ok", or the findings: "no sound, short".
        public var judgement: String {
            let kinds = Finding.Kind.allCases.filter { kind in !kind.isRemark && findings.contains { $0.kind == kind } }
            return kinds.isEmpty ? "ok" : kinds.map(\.rawValue).joined(separator: ", ")
        }
    }

    /// The files in the folder that are skipped.
    public let skipped: [SkippedFile]
    /// Each file once, in the order of the manifest.
    public private(set) var entries: [Entry]

    /// Whether any file cannot be opened or trusted.
    public var hasFaults: Bool { entries.contains { $0.findings.contains { $0.kind.isFault } } }

    /// Decodes all files of a folder, a manifest or a single film, in parallel on all cores.
    ///
    /// - Parameters:
    ///   - path: as `Manifest.read` takes it.
    ///   - dataRoot: the value of `{data_root}` in a manifest; nil for DUBKIT_DATA_ROOT.
    ///   - seconds: the length of a clip, which films must have at least.
    ///   - languages: the languages that every source must have; nil for those that more than half of the sources have.
    ///   - progress: called with the number of finished files and the number of all files, from any thread, one call at
    ///     a time.
    public init(
        _ path: String, dataRoot: String? = nil, seconds: Double = 3, languages: [Language]? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        let films = try Manifest.list(path, dataRoot: dataRoot)
        let sources = films.sources
        skipped = films.skipped
        var files: [(source: ClipSource, path: String, language: Language?)] = []
        // Compare paths by their bytes: names that differ in how an accent is encoded are two files on this system.
        var seen: Set<[UInt8]> = []
        for source in sources {
            let own: [(String, Language?)] = source.path.map { [($0, nil)] } ?? []
            let all = own + source.tracks.compactMap { track in track.path.map { ($0, track.language) } }
            for (path, language) in all where seen.insert(Array(path.utf8)).inserted {
                files.append((source, path, language))
            }
        }
        var results = [Entry?](repeating: nil, count: files.count)
        let done = Mutex(0)
        results.withUnsafeMutableBufferPointer { results in
            let slots = results.baseAddress!
            ThreadPool.shared.forEach(files.count) { index in
                guard !Interrupt.mustStop else { return }
                slots[index] = Self.judge(files[index].path, files[index].source, files[index].language, seconds)
                done.withLock {
                    $0 += 1
                    progress($0, files.count)
                }
            }
        }
        try Interrupt.check()
        entries = results.map { $0! }
        let numbers = Dictionary(uniqueKeysWithValues: entries.enumerated().map { (Array($1.path.utf8), $0) })
        try judgeTracks(sources, numbers)
        judgeSegments(sources, numbers)
        judgeSplits(sources, numbers)
        judgeLanguages(sources, languages, numbers)
    }

    private static func judge(_ path: String, _ source: ClipSource, _ language: Language?, _ seconds: Double) -> Entry {
        var entry = Entry(path: path, source: source.id, language: language)
        let hasSidecars = source.tracks.contains { $0.path != nil }
        do {
            let file = try MediaFile(path)
            (entry.duration, entry.video, entry.tracks) = (file.duration, file.video, file.audioTracks)
            for finding in try file.check(shortest: seconds).findings {
                let kind = Finding.Kind(finding)
                // A sound file next to a film needs neither video nor a language tag.
                if language != nil, kind == .noVideo || kind == .noLanguage { continue }
                // Nor does a film with such files need tracks of its own.
                if language == nil, hasSidecars, kind == .noSound { continue }
                entry.findings.append(Finding(kind: kind, message: "\(finding)"))
            }
        } catch {
            entry.findings.append(Finding(kind: .unreadable, message: "\(error)"))
        }
        return entry
    }

    /// Adds to the first file of a source the problems of its tracks that a run would refuse, with the same rules:
    /// stated tracks that are missing, and languages that could mean several tracks.
    private mutating func judgeTracks(_ sources: [ClipSource], _ numbers: [[UInt8]: Int]) throws {
        let reader = MediaFilmReader()
        func note(_ kind: Finding.Kind, of index: Int, _ body: () throws -> Void) throws {
            do {
                try body()
            } catch let error as KitError where [.badData, .noInput].contains(error.kind) {
                let finding = Finding(kind: kind, message: error.message)
                if !entries[index].findings.contains(finding) { entries[index].findings.append(finding) }
            }
        }
        for source in sources {
            let paths = [source.path].compactMap { $0 } + source.tracks.compactMap(\.path)
            let parts = paths.compactMap { numbers[Array($0.utf8)] }
            // Files that cannot be opened are already reported.
            guard let index = parts.first, !parts.contains(where: { entries[$0].duration == nil }) else { continue }
            var languages: [Language] = []
            try note(.missingTrack, of: index) { languages = try reader.facts(of: source).languages }
            for language in Set(languages).sorted(by: { $0.description < $1.description }) {
                try note(.ambiguous, of: index) { try reader.checkTrack(of: source, language) }
            }
        }
    }

    /// Reports the sources that end after their file.
    private mutating func judgeSegments(_ sources: [ClipSource], _ numbers: [[UInt8]: Int]) {
        for source in sources {
            guard let index = source.path.flatMap({ numbers[Array($0.utf8)] }), let length = entries[index].duration
            else {
                continue
            }
            let end = source.start + (source.duration ?? 0)
            guard end > length + 0.002 || source.start >= length else { continue }
            entries[index].findings.append(
                Finding(
                    kind: .outOfRange,
                    message:
                        "\(source.place): ends at \(seconds(end)), but the file lasts \(seconds(length))"
                ))
        }
    }

    /// Reports, at the first file of a source, that training would see held-out material.
    private mutating func judgeSplits(_ sources: [ClipSource], _ numbers: [[UInt8]: Int]) {
        for (source, message) in Split.leaks(in: sources) {
            guard let index = numbers[Array(source.mainPath.utf8)] else { continue }
            entries[index].findings.append(Finding(kind: .leak, message: message))
        }
    }

    /// Reports, at the first file of a source, the languages that it lacks.
    private mutating func judgeLanguages(_ sources: [ClipSource], _ wanted: [Language]?, _ numbers: [[UInt8]: Int]) {
        let languages = sources.map { source -> [Language] in
            let own = source.path.flatMap { numbers[Array($0.utf8)] }.map { entries[$0].tracks.map(\.language) } ?? []
            return source.tracks.map(\.language) + (source.hasOwnTracks ? own : [])
        }
        let named = languages.map { Set($0.map(\.code)).subtracting(["und"]) }.filter { !$0.isEmpty }
        let counts = Dictionary(named.flatMap { $0 }.map { ($0, 1) }, uniquingKeysWith: +)
        let common = counts.filter { $0.value * 2 > named.count }.keys.sorted().map { Language(tag: $0) }
        for (source, has) in zip(sources, languages) where !has.isEmpty {
            guard let index = numbers[Array(source.mainPath.utf8)] else { continue }
            for language in wanted ?? common where !has.contains(where: { $0.matches(language) }) {
                let list = has.map(\.description).joined(separator: ", ")
                let message = "no \(language) (\(language.name)); it has \(list)"
                let finding = Finding(kind: .missingLanguage, message: message)
                if !entries[index].findings.contains(finding) { entries[index].findings.append(finding) }
            }
        }
    }
}

extension DataCheck.Finding.Kind {
    init(_ finding: MediaCheck.Finding) {
        switch finding {
        case .noVideo: self = .noVideo
        case .noSound: self = .noSound
        case .noLanguage: self = .noLanguage
        case .silent: self = .silent
        case .offset: self = .offset
        case .endsEarly: self = .truncated
        case .damaged, .undecodable: self = .damaged
        case .short: self = .short
        case .held: self = .held
        case .gap: self = .gap
        }
    }
}
