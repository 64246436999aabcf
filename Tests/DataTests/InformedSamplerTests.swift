import Kit
import Plugins
import TestSupport
import Testing

/// Samplers that go by labels, languages and times, on datasets of random make.
@Suite struct InformedSamplerTests {
    /// Films of random lengths, each with one original language and one scene.
    private func dataset(_ random: inout RandomStream, films: Int? = nil) throws -> FilmDataset {
        let count = films ?? 3 + random.index(below: 10)
        let sources = (0..<count).map { index in
            // Each language at least once.
            let draw = index < 3 ? index + 2 : random.index(below: 5)
            let language = ["en", "en", "en", "es", "ja"][draw]
            return ClipSource(
                id: "film-\(index)", path: "film-\(index).mkv", duration: Double(2 + random.index(below: 40)),
                tracks: [SourceTrack(language: Language(tag: language))], original: Language(tag: language),
                labels: .table(Options(named: [("scene", .string(index % 4 == 0 ? "sea" : "street"))])))
        }
        return try SyntheticFilms.dataset(sources) {
            $0.tracks = try? TrackPlan(option: .table(Options(named: [("primary", .string("original"))])))
        }
    }

    private func expectBalance(_ batches: [[Int]], of dataset: FilmDataset, _ group: (Clip) -> String) {
        let groups = Dictionary(grouping: dataset.clips.indices) { group(dataset.clips[$0]) }
        for clips in batches {
            let counts = groups.keys.map { name in clips.count { group(dataset.clips[$0]) == name } }
            #expect(counts.max()! - counts.min()! <= 1, "\(counts)")
            // A clip comes twice only where its group has too few.
            for (name, members) in groups {
                let own = clips.filter { group(dataset.clips[$0]) == name }
                #expect(Set(own).count == min(own.count, members.count))
            }
        }
    }

    @Test func classesAndLanguagesAreBalancedInEveryBatch() throws {
        var random = RandomStream(seed: 4)
        for round in 0..<60 {
            let films = try dataset(&random)
            let count = films.clips.count
            let batch = 1 + random.index(below: min(count, 30))
            let common: [(String, OptionValue)] = [("batch", .int(batch)), ("seed", .int(round))]
            let byClass = try sampler("class_balanced", common + [("label", .string("scene"))])
                .batches(of: films.sampledClips, epoch: round)
            #expect(byClass.count == count / batch && byClass.allSatisfy { $0.count == batch })
            expectBalance(byClass, of: films) { films.sources[$0.source].labels.optionText }
            let byLanguage = try sampler("language_balanced", common).batches(of: films.sampledClips, epoch: round)
            #expect(byLanguage.count == count / batch && byLanguage.allSatisfy { $0.count == batch })
            expectBalance(byLanguage, of: films) { films.sources[$0.source].original!.code }
        }
    }

    @Test func groupsThatGetOneMoreChangeAndClipsGoRound() throws {
        var random = RandomStream(seed: 5)
        let films = try dataset(&random, films: 9)
        let balanced = try sampler("language_balanced", [("batch", .int(4)), ("track", .string("primary"))])
        let batches = try (0..<10).flatMap { try balanced.batches(of: films.sampledClips, epoch: $0) }
        let languages = batches.joined().map { films.sources[films.clips[$0].source].original!.code }
        let shares = Dictionary(grouping: languages, by: { $0 }).mapValues {
            Double($0.count) / Double(languages.count)
        }
        let areEven = shares.values.allSatisfy { abs($0 - 1.0 / 3) < 0.05 }
        #expect(shares.count == 3 && areEven, "\(shares)")
        #expect(Set(batches.joined()).count == films.clips.count)
    }

    @Test func clipsOfAFilmStandApart() throws {
        var random = RandomStream(seed: 6)
        for round in 0..<100 {
            let films = try dataset(&random)
            let gap = [0, 1, 2, 3.5, 7][random.index(below: 5)]
            let batch = 2 + random.index(below: films.films.count - 1)
            let apart = try sampler(
                "temporal_gap", [("gap", .number(gap)), ("batch", .int(batch)), ("seed", .int(round))])
            let batches = try apart.batches(of: films.sampledClips, epoch: round)
            #expect(batches.count == films.clips.count / batch)
            for clips in batches {
                #expect(clips.count == batch && Set(clips).count == batch)
                for (index, one) in clips.enumerated() {
                    for other in clips[..<index] where films.clips[one].film == films.clips[other].film {
                        #expect(abs(films.clips[one].start - films.clips[other].start) >= gap)
                    }
                }
            }
        }
    }

    @Test func aGapThatCanJustBeKeptIsKept() throws {
        // 12 clips of 1 s: three of them can be 5 s apart, and nearly never are when taken at random.
        let film = try SyntheticFilms.dataset(SyntheticFilms.sources(1))
        let apart = try sampler("temporal_gap", [("gap", .int(5)), ("batch", .int(3))])
        for batch in try apart.batches(of: film.sampledClips, epoch: 0) {
            let starts = batch.map { film.clips[$0].start }.sorted()
            #expect(starts.count == 3 && starts[1] - starts[0] >= 5 && starts[2] - starts[1] >= 5)
        }
    }

    @Test func withoutAGapEveryClipComesOnce() throws {
        var random = RandomStream(seed: 7)
        let films = try dataset(&random, films: 30)
        let apart = try sampler("temporal_gap", [("gap", .int(2)), ("batch", .int(8))])
        let batches = try apart.batches(of: films.sampledClips, epoch: 3)
        let used = Set(batches.joined()).count
        #expect(used * 100 > 97 * batches.count * 8)
    }

    @Test func samplersAreFunctionsOfSeedAndEpoch() throws {
        var random = RandomStream(seed: 8)
        let films = try dataset(&random, films: 12).sampledClips
        let options: [(String, [(String, OptionValue)])] = [
            ("class_balanced", [("label", .string("scene"))]), ("language_balanced", []),
            ("temporal_gap", [("gap", .int(3))]),
        ]
        for (name, own) in options {
            func batches(_ seed: Int, _ epoch: Int) throws -> [[Int]] {
                try sampler(name, own + [("batch", .int(6)), ("seed", .int(seed))]).batches(of: films, epoch: epoch)
            }
            #expect(try batches(7, 3) == batches(7, 3))
            #expect(try batches(7, 3) != batches(7, 4))
            #expect(try batches(7, 3) != batches(8, 3))
        }
    }

    @Test func aResumedRunGoesOnWithTheSameBatches() throws {
        var random = RandomStream(seed: 9)
        let films = try dataset(&random, films: 8)
        let balanced = try sampler("class_balanced", [("label", .string("scene")), ("batch", .int(5))])
        let whole = try films.batches(balanced)
        var ids: [[String]] = []
        while ids.count < 12 { if let batch = try whole.next() { ids.append(batch.ids) } }
        let first = try films.batches(balanced)
        for _ in 0..<4 { _ = try first.next() }
        let resumed = try films.batches(balanced)
        try resumed.restore(first.state)
        var rest: [[String]] = []
        while rest.count < 8 { if let batch = try resumed.next() { rest.append(batch.ids) } }
        #expect(rest == Array(ids[4...]))
    }

    @Test func impossibleDemandsAreErrorsThatSayWhatToChange() throws {
        let plain = try SyntheticFilms.dataset(SyntheticFilms.sources(2)) {
            $0.tracks = try? TrackPlan(
                option: .table(Options(named: [("a", .string("en")), ("b", .list([.string("es"), .string("fr")]))])))
        }
        func message(_ name: String, _ options: [(String, OptionValue)], _ films: FilmDataset) -> String {
            #expect(throws: KitError.self) {
                try sampler(name, options).batches(of: films.sampledClips, epoch: 0)
            }?.message ?? ""
        }
        #expect(
            message("class_balanced", [("label", .string("scene")), ("batch", .int(2))], plain)
                == "kit.sampler.class_balanced: 'film-0' has no labels: give them in a manifest")
        var random = RandomStream(seed: 1)
        let labelled = try dataset(&random)
        #expect(
            message("class_balanced", [("label", .string("scenes")), ("batch", .int(2))], labelled)
                .contains("'film-0' has no label 'scenes': did you mean 'scene'?"))
        #expect(
            message("language_balanced", [("track", .string("primry")), ("batch", .int(2))], labelled)
                .contains("there is no sound track 'primry': did you mean 'primary'? (there are: primary)"))
        #expect(
            message("language_balanced", [("track", .string("b")), ("batch", .int(2))], plain)
                .contains("track 'b' of 'film-0' draws one of es, fr for each clip"))
        #expect(
            message("temporal_gap", [("gap", .int(12)), ("batch", .int(3))], plain)
                .contains(
                    "a batch of 3 needs that many clips that are 12.0 s apart in their films, but there are only 2")
        )
    }
}
