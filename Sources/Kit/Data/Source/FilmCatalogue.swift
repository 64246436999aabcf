import KitCore
import KitMedia

/// The sources of a dataset after inspection of their files: the usable ones, their tracks, and the held-out films.
/// Splits are made from it.
public final class FilmCatalogue {
    struct Entry {
        let source: ClipSource
        let facts: SourceFacts
        /// For each output of the audio plan, the possible languages.
        let languages: [[Language]]
        let isHeldOut: Bool
    }

    public let settings: ClipSettings
    public let heldOutFraction: Double
    /// Sources whose files cannot be opened.
    public private(set) var badSamples: [BadSample] = []
    /// Whether unusable films are skipped, as requested.
    let leavesOutUnusable: Bool
    /// Sources that were skipped because they lack a track or are too short, and why.
    public private(set) var unusable: [(source: ClipSource, reason: String)] = []
    /// The skipped files of the folder.
    let skipped: [SkippedFile]
    /// Everything that was skipped, and why: "films/harbour.mp4: has no sound".
    public var leftOut: [String] {
        badSamples.map(\.text) + unusable.map { "\($0.source.mainPath): \($0.reason)" } + SkippedFile.lines(skipped)
    }
    private(set) var entries: [Entry] = []
    let audio: AudioPlan
    let makeReader: () -> any FilmReader

    /// What to do with films that lack a track or are shorter than a clip.
    public enum Unusable: String, ChoiceOption, Sendable {
        case error
        case skip
    }

    /// Inspects all sources, in parallel on all cores.
    ///
    /// - Parameters:
    ///   - films: the films of a manifest or folder.
    ///   - settings: how clips are cut and which tracks they need.
    ///   - heldOut: the share of the films that training must not see.
    ///   - splitSeed: the seed for the choice of these films.
    ///   - policy: whether films that lack a track or are shorter than a clip are an error or skipped.
    ///   - makeReader: makes the reader of each thread.
    public init(
        _ films: FilmList, _ settings: ClipSettings, heldOut: Double = 0.2, splitSeed: Int = 0,
        unusable policy: Unusable = .error, makeReader: @escaping () -> any FilmReader = { MediaFilmReader() }
    ) throws {
        let sources = films.sources
        self.settings = settings
        skipped = films.skipped
        self.makeReader = makeReader
        leavesOutUnusable = policy == .skip
        heldOutFraction = heldOut
        let heldOutFilms = try Split.heldOutFilms(sources, fraction: heldOut, seed: splitSeed)
        var readable: [(source: ClipSource, facts: SourceFacts)] = []
        for (source, facts) in zip(sources, try Self.facts(of: sources, settings, makeReader)) {
            switch facts {
            case .success(let facts): readable.append((source, facts))
            case .failure(let error):
                badSamples.append(
                    BadSample(id: source.id, film: source.film, path: source.mainPath, reason: error.message))
            }
        }
        guard !readable.isEmpty else {
            let first = badSamples[0]
            throw KitError(
                .badData,
                sources.count == 1
                    ? "the only source cannot be opened: \(first.path): \(first.reason)"
                    : "none of the \(counted(sources.count, "source")) can be opened; the first: \(first.path): \(first.reason)"
            )
        }
        // Unusable films do not count for the languages that all films have.
        let reasons = readable.map { Self.reasonAgainst($0.facts, settings) }
        audio = try Self.audioPlan(for: zip(readable, reasons).filter { $1 == nil }.map(\.0.facts), settings)
        let reader = makeReader()
        for ((source, facts), reason) in zip(readable, reasons) {
            do {
                if let reason { throw reason }
                let languages = try audio.languages(for: source, facts: facts)
                for language in languages.joined()
                where facts.languages.filter({ $0.matches(language) }).count > 1 {
                    try reader.checkTrack(of: source, language)
                }
                entries.append(
                    Entry(
                        source: source, facts: facts, languages: languages,
                        isHeldOut: heldOutFilms.contains(source.film)))
            } catch let error as KitError {
                unusable.append((source, error.message))
            }
        }
        if !unusable.isEmpty, policy == .error || entries.isEmpty {
            let named = unusable.prefix(5).map { "\($0.source.mainPath): \($0.reason)" }.joined(separator: "; ")
            let rest = unusable.count > 5 ? "; and \(unusable.count - 5) more" : ""
            let advice = entries.isEmpty ? "" : " (\(Session.current.written("unusable", "skip")) leaves them out)"
            throw KitError(
                .badData,
                "\(counted(unusable.count, of: sources.count, "source")) cannot be used: \(named)\(rest)\(advice)")
        }
    }

    /// Sources from a program instead of a manifest.
    public convenience init(
        _ sources: [ClipSource], _ settings: ClipSettings, heldOut: Double = 0.2, splitSeed: Int = 0,
        unusable policy: Unusable = .error, makeReader: @escaping () -> any FilmReader = { MediaFilmReader() }
    ) throws {
        try self.init(
            FilmList(sources), settings, heldOut: heldOut, splitSeed: splitSeed, unusable: policy,
            makeReader: makeReader)
    }

    /// Opens the files of every source, even if a manifest states their content, so that its mistakes show at once.
    private static func facts(
        of sources: [ClipSource], _ settings: ClipSettings, _ makeReader: () -> any FilmReader
    ) throws -> [Result<SourceFacts, KitError>] {
        var results = [Result<SourceFacts, KitError>?](repeating: nil, count: sources.count)
        try results.withUnsafeMutableBufferPointer { results in
            let slots = results.baseAddress!
            ThreadPool.shared.forEachRange(sources.count, grain: 4) { range in
                let reader = makeReader()
                for index in range where !Interrupt.mustStop {
                    do {
                        slots[index] = .success(try reader.facts(of: sources[index]))
                    } catch {
                        slots[index] = .failure(error as? KitError ?? KitError(.internalFault, "\(error)"))
                    }
                }
            }
            try Interrupt.check()
        }
        return try results.map { result in
            // Nil if an interrupt, which has been handled since, ended the inspection.
            guard let result else { throw KitError(.interrupted, "interrupted") }
            if case .failure(let error) = result, error.kind == .interrupted || error.kind == .internalFault {
                throw error
            }
            return result
        }
    }

    /// Why a source cannot be used, regardless of languages; nil if it can.
    private static func reasonAgainst(_ facts: SourceFacts, _ settings: ClipSettings) -> KitError? {
        if settings.frames != nil, facts.frameSize == nil { return KitError(.badData, "has no video") }
        if settings.mel != nil, facts.languages.isEmpty { return KitError(.badData, "has no sound") }
        guard settings.starts(in: facts.duration).isEmpty else { return nil }
        return KitError(
            .badData, "lasts \(seconds(facts.duration)), shorter than a clip of \(settings.seconds) s")
    }

    private static func audioPlan(for facts: [SourceFacts], _ settings: ClipSettings) throws -> AudioPlan {
        guard settings.mel != nil else { return AudioPlan(languages: []) }
        let all = facts.filter { !$0.languages.isEmpty }.map(\.languages)
        if let plan = settings.tracks {
            // A language that no film has is a mistake, even if others could replace it.
            for case .language(let language) in plan.roles.flatMap(\.choices)
            where !all.isEmpty && !all.contains(where: { $0.contains { $0.matches(language) } }) {
                throw KitError(
                    .badData,
                    "no film has a sound track in \(language) (\(language.name))\(language.countryHint) "
                        + "(there are: \(census(all)))")
            }
            return AudioPlan(plan, policy: settings.policy)
        }
        let shared = (all.first ?? []).compactMap { language -> Language? in
            if all.allSatisfy({ $0.contains { $0.matches(language) } }) { return language }
            // If only the region differs between films, the language without region is common.
            let plain = language.withoutSubtags
            return all.allSatisfy { $0.count { $0.matches(plain) } == 1 } ? plain : nil
        }
        guard !shared.isEmpty || all.isEmpty else {
            throw KitError(
                .badData,
                "no language is common to all films, so 'tracks' must say which to read; there are: \(census(all))")
        }
        return AudioPlan(languages: shared)
    }

    /// "en (8 films), es (7)".
    private static func census(_ languages: [[Language]]) -> String {
        let counts = Dictionary(languages.flatMap { Set($0.map(\.code)) }.map { ($0, 1) }, uniquingKeysWith: +)
        guard !counts.isEmpty else { return "no sound tracks at all" }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.key) (\(counted($0.value, "film")))"
        }
        .joined(separator: ", ")
    }
}
