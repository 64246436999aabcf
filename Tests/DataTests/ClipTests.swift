import Foundation
import Kit
import Plugins
import TestSupport
import Testing

@Suite struct ClipTests {
    private func uniform(_ batch: Int, seed: Int = 1) throws -> any Sampler {
        try sampler("uniform", [("batch", .int(batch)), ("seed", .int(seed))])
    }

    private func augmentation(_ name: String, _ options: [(String, OptionValue)] = []) throws -> any Augmentation {
        let named = options.map { (key: $0.0, value: $0.1) }
        return try PluginRegistry.shared.make(kind: "augmentation", name: name, options: Options(named: named))
            as! any Augmentation
    }

    private func table(_ named: [(String, OptionValue)]) throws -> TrackPlan {
        try TrackPlan(option: .table(Options(named: named.map { (key: $0.0, value: $0.1) })))
    }

    @Test func trainingWindowsMoveTogetherAndStayInside() throws {
        let dataset = try SyntheticFilms.dataset(SyntheticFilms.sources(5, seconds: 6.4))
        let batches = try dataset.batches(uniform(30))
        var moves: Set<Int> = []
        for _ in 0..<10 {
            let batch = try #require(try batches.next())
            for (film, places) in Dictionary(grouping: batch.places, by: \.film) {
                #expect(places.allSatisfy { (0...5.4).contains($0.start) })
                let moved = places.map { $0.start - $0.clip.start }
                // All but the first and the last window, which the ends of the film may stop.
                let free = zip(places, moved).filter { 1...4 ~= Int($0.0.clip.start) }.map(\.1)
                #expect(free.allSatisfy { abs($0 - free[0]) < 1e-9 && abs($0) <= 0.5 }, "\(film)")
                moves.insert(Int(free[0] * 1e6))
            }
            #expect(try batches.next() == nil)
        }
        #expect(moves.count == 50)
        let fixed = try dataset.evaluation().batches(uniform(30))
        for place in try #require(try fixed.next()).places { #expect(place.start == place.clip.start) }
    }

    @Test func anOnlyWindowLiesAnywhereInItsSource() throws {
        var source = SyntheticFilms.sources(1, seconds: 1.9)[0]
        source.start = 4
        let dataset = try SyntheticFilms.dataset([source])
        let batches = try dataset.batches(uniform(1))
        var starts: [Double] = []
        while starts.count < 200 { if let batch = try batches.next() { starts.append(batch.places[0].start) } }
        #expect(starts.min()! >= 4 && starts.min()! < 4.05 && starts.max()! > 4.85 && starts.max()! <= 4.9)
    }

    @Test func everyLanguageThatAllFilmsHaveIsReadByDefault() throws {
        var sources = SyntheticFilms.sources(3)
        sources[1].tracks.removeFirst()
        let batch = try SyntheticFilms.dataset(sources).clip(0)
        #expect(batch.audio.tracks.map(\.name) == ["es", "fr"])
        #expect(batch.audio.scriptPropertyNames == ["es", "fr"])
        sources[2].tracks = [SourceTrack(language: .undetermined)]
        #expect { try SyntheticFilms.dataset(sources) } throws: {
            "\($0)".contains("no language is common to all films")
                && "\($0)".contains("es (2 films), fr (2 films), en (1 film), und (1 film)")
        }
    }

    @Test func drawnDubsAreSeededAndNeverTheOriginal() throws {
        let plan = try table([("primary", .string("eng")), ("secondary", .string("en, es,fra"))])
        let dataset = try SyntheticFilms.dataset { $0.tracks = plan }
        func languages(_ dataset: FilmDataset, seed: Int, epochs: Int) throws -> [String] {
            let batches = try dataset.batches(uniform(48, seed: seed))
            return try (0..<epochs).flatMap { _ in
                let batch = try #require(try batches.next())
                _ = try batches.next()
                #expect(batch.places.allSatisfy { $0.languages[0] == "en" })
                let byClip = zip(batch.ids, batch.languages[1].codes).sorted { $0.0 < $1.0 }
                return byClip.map(\.1)
            }
        }
        let drawn = try languages(dataset, seed: 1, epochs: 4)
        #expect(Set(drawn) == ["es", "fr"])
        #expect((60...132).contains(drawn.filter { $0 == "es" }.count))
        #expect(drawn.prefix(48) != drawn.suffix(48))
        #expect(try drawn == languages(dataset, seed: 1, epochs: 4))
        #expect(try drawn != languages(dataset, seed: 2, epochs: 4))
        // In evaluation a clip has the same dub in every epoch.
        let fixed = try languages(dataset.evaluation(), seed: 1, epochs: 2)
        #expect(fixed.prefix(48) == fixed.suffix(48) && Set(fixed) == ["es", "fr"])
        // The tensor holds the language that is named.
        let batch = try #require(try dataset.evaluation().batches(uniform(48)).next())
        let all = try SyntheticFilms.dataset().evaluation().batches(uniform(48)).next()
        for (index, code) in batch.languages[1].codes.enumerated() {
            let wanted = try #require(all?.audio[code]).values[index * 200..<(index + 1) * 200]
            #expect(try #require(batch.audio["secondary"]).values[index * 200..<(index + 1) * 200] == wanted)
        }
    }

    @Test func allDubsAreReadUnderTheirNamesAndAsAList() throws {
        let plan = try table([("primary", .string("en")), ("secondary", .list([.string("es"), .string("fr")]))])
        let batch = try SyntheticFilms.dataset { ($0.tracks, $0.policy) = (plan, .all) }.clip(0)
        #expect(batch.audio.tracks.map(\.name) == ["primary", "es", "fr"])
        guard case .list(let both)? = batch.audio.scriptProperty("secondary"), case .object(let first) = both[0] else {
            Issue.record("secondary is no list")
            return
        }
        #expect(both.count == 2 && (first as? Tensor) === batch.audio["spa"])
        #expect(batch.audio["en"] === batch.audio["primary"])
    }

    @Test func theOriginalLanguageIsTheManifests() throws {
        var sources = SyntheticFilms.sources(2)
        sources[0].original = Language(tag: "fra")
        let plan = try table([("primary", .string("original")), ("secondary", .string("en,fr"))])
        #expect { try SyntheticFilms.dataset(sources) { $0.tracks = plan } } throws: {
            "\($0)".contains("film-1.mkv: its manifest entry has no 'original' language")
        }
        sources[1].original = Language(tag: "en")
        let dataset = try SyntheticFilms.dataset(sources) { $0.tracks = plan }
        #expect(try dataset.clip(0).places[0].languages == ["fr", "en"])
        #expect(try dataset.clip(12).places[0].languages == ["en", "fr"])
    }

    @Test func absentTracksAreErrorsThatListWhatThereIs() throws {
        var sources = SyntheticFilms.sources(4)
        sources[2].tracks.removeLast()
        let catalogue = { (plan: TrackPlan, policy: FilmCatalogue.Unusable) in
            try FilmCatalogue(
                sources, SyntheticFilms.settings { $0.tracks = plan }, unusable: policy,
                makeReader: { SyntheticFilms() })
        }
        let french = try TrackPlan(option: .string("fr"))
        #expect {
            try catalogue(french, .error)
        } throws: {
            "\($0)" == "1 of 4 sources cannot be used: film-2.mkv: has no sound track in fr; it has en, es "
                + "(--unusable skip leaves them out)"
        }
        let left = try catalogue(french, .skip)
        #expect(try left.unusable.map(\.source.id) == ["film-2"] && FilmDataset(left, split: .all).films.count == 3)
        #expect { try catalogue(TrackPlan(option: .string("en,ja")), .skip) } throws: {
            "\($0)"
                == "no film has a sound track in ja (Japanese) (there are: en (4 films), es (4 films), fr (3 films))"
        }
        #expect { try TrackPlan(option: .string("spanish")) } throws: { "\($0)".contains("did you mean 'es'") }
    }

    @Test func filmsShorterThanAClipAreRefusedOrPadded() throws {
        let sources = SyntheticFilms.sources(1, seconds: 0.7)
        #expect { try SyntheticFilms.dataset(sources) } throws: {
            "\($0)".contains("film-0.mkv: lasts 0.700 s, shorter than a clip of 1.0 s")
        }
        let padded = try SyntheticFilms.dataset(sources) { ($0.pad, $0.frames) = (true, 8) }
        #expect(padded.clips.count == 1)
        let clip = try padded.clip(0)
        let pictures = try #require(clip.video).values
        func picture(_ index: Int) -> ArraySlice<Float> { pictures[index * 192..<(index + 1) * 192] }
        #expect(picture(4) != picture(5) && Array(picture(6)) == Array(picture(7)))
        let sound = try #require(clip.audio["en"]).values
        let silence = logf(1e-6)
        #expect(
            sound[9 * 20..<10 * 20].allSatisfy { abs($0 - silence) < 1e-3 } && sound[100..<120].max()! > silence + 1)
    }

    @Test func onlyWhatIsAskedForIsRead() throws {
        final class SoundOnly: FilmReader {
            let films = SyntheticFilms()
            func facts(of source: ClipSource) throws -> SourceFacts { try films.facts(of: source) }
            func frames(of source: ClipSource, at: [Double], width: Int, height: Int, fit: FrameFit) throws -> Frames {
                throw KitError(.internalFault, "pictures were read")
            }
            func audio(
                of source: ClipSource, language: Language, start: Double, duration: Double, sampleRate: Int
            ) throws -> Waveform {
                #expect(language.code == "es")
                return try films.audio(
                    of: source, language: language, start: start, duration: duration, sampleRate: sampleRate)
            }
        }
        let plan = try TrackPlan(option: .string("es"))
        let settings = try SyntheticFilms.settings { ($0.frames, $0.tracks) = (nil, plan) }
        let catalogue = try FilmCatalogue(SyntheticFilms.sources(2), settings, makeReader: { SoundOnly() })
        let clip = try FilmDataset(catalogue, split: .all).clip(3)
        #expect(clip.video == nil && clip.audio.tracks.count == 1)
        let silent = try SyntheticFilms.dataset { $0.mel = nil }.clip(3)
        #expect(silent.audio.tracks.isEmpty && silent.video?.shape == [1, 2, 8, 8, 3])
    }

    @Test func tracksAreAugmentedApartOrAlike() throws {
        let plan = try table([("a", .string("en")), ("b", .string("en"))])
        let gain = try augmentation("gain")
        func tracks(_ change: (inout ClipSettings) -> Void) throws -> (a: [Float], b: [Float]) {
            let batch = try SyntheticFilms.dataset {
                ($0.tracks, $0.augmentations) = (plan, [gain]); change(&$0)
            }.clip(5)
            return (batch.audio["a"]!.values, batch.audio["b"]!.values)
        }
        let apart = try tracks { _ in }
        #expect(apart.a != apart.b)
        let alike = try tracks { $0.augmentsTracksApart = false }
        #expect(alike.a == alike.b && alike.a == apart.a)
        let moved = try tracks { ($0.augmentations, $0.shift) = ([], 0.5) }
        #expect(moved.a != moved.b)
        let plain = try tracks { $0.augmentations = [] }
        #expect(plain.a == plain.b && plain.a != alike.a)
    }

    @Test func normalisationAppliesInTrainingAndEvaluation() throws {
        for training in [true, false] {
            func clip(_ change: (inout ClipSettings) -> Void) throws -> ClipBatch {
                let dataset = try SyntheticFilms.dataset([SyntheticFilms.sources(1)[0]], change)
                return try (training ? dataset : dataset.evaluation()).clip(2)
            }
            let raw = try clip { ($0.mean, $0.deviation) = ([0, 0, 0], [1, 1, 1]) }
            let scaled = try clip {
                ($0.mean, $0.deviation, $0.melMean, $0.melDeviation) = ([0.5, 0.4, 0.3], [0.2, 0.5, 1], -4, 2)
            }
            let mean: [Float] = [0.5, 0.4, 0.3]
            let deviation: [Float] = [0.2, 0.5, 1]
            for (index, value) in try #require(raw.video).values.enumerated() {
                #expect((0...1).contains(value))
                #expect(abs(scaled.video!.values[index] - (value - mean[index % 3]) / deviation[index % 3]) < 1e-5)
            }
            for (a, b) in zip(raw.audio["en"]!.values, scaled.audio["en"]!.values) {
                #expect(abs((a + 4) / 2 - b) < 1e-5)
            }
        }
    }

    /// The second view shows the same frames with its own augmentations, and only in training.
    @Test func secondViewHasItsOwnAugmentations() throws {
        let grey = try augmentation("greyscale", [("probability", .number(1))])
        let films = try SyntheticFilms.dataset { settings in
            settings.secondView = [grey]
            (settings.mean, settings.deviation) = ([0, 0, 0], [1, 1, 1])
        }
        let batch = try #require(try films.batches(uniform(4)).next())
        let (first, second) = (try #require(batch.video), try #require(batch.secondVideo))
        #expect(first.shape == second.shape)
        for pixel in stride(from: 0, to: first.count, by: 3) {
            let (r, g, b) = (first.pointer[pixel], first.pointer[pixel + 1], first.pointer[pixel + 2])
            let level = 0.299 * r + 0.587 * g + 0.114 * b
            guard (0..<3).allSatisfy({ abs(second.pointer[pixel + $0] - level) < 1e-3 }) else {
                Issue.record("pixel \(pixel) is not the grey of the first view's")
                break
            }
        }
        #expect(try films.evaluation().batches(uniform(4)).next()?.secondVideo == nil)
        #expect(try SyntheticFilms.dataset().fingerprint != films.fingerprint)
    }

    /// Each crop stands where it would stand alone; the synthetic films' pixels tell which rectangle was asked for.
    @Test func fiveCropsFollowEachOther() throws {
        let centre = try #require(try SyntheticFilms.dataset().evaluation().clip(0).video)
        let five = try #require(try SyntheticFilms.dataset { $0.crops = .five }.evaluation().clip(0).video)
        #expect(five.shape == [1, 10, 8, 8, 3] && centre.shape == [1, 2, 8, 8, 3])
        let crops = (0..<5).map { crop in Array(five.values[crop * centre.count..<(crop + 1) * centre.count]) }
        #expect(Set(crops).count == 5)
        // Pictures of 32 x 24: squares of 21, at the corners and in the middle.
        let reader = SyntheticFilms()
        let (x, y, width, height) = (11.0 / 32, 3.0 / 24, 21.0 / 32, 21.0 / 24)
        let corners = [(0, 0), (x, 0), (0, y), (x, y), (x / 2, y / 2)]
        for (crop, corner) in zip(crops, corners) {
            let frames = try reader.frames(
                of: SyntheticFilms.sources(1)[0], at: [0, 0.5], width: 8, height: 8,
                fit: .region(x: corner.0, y: corner.1, width: width, height: height))
            let expected = frames.values.map { (Float($0) * (1 / 255) - 0.45) * (1 / 0.225) }
            #expect(zip(crop, expected).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }
}
