import Foundation
import Kit
import Plugins
import TestSupport
import Testing

@Suite(.serialized, .alone("Ctrl-C")) struct BatchesTests {
    private let sources = SyntheticFilms.sources(6)

    private func batches(
        workers: Int = 1, broken: [String: Double] = [:], budget: Double = 0.5, seed: Int = 3,
        _ change: (inout ClipSettings) -> Void = { _ in }
    ) throws -> Batches {
        let loading = LoaderOptions(workers: workers, prefetch: 2, badBudget: budget)
        // One crop, and all others that need no options.
        let names = try PluginRegistry.shared.names(of: "augmentation").filter { name in
            let options = try PluginRegistry.shared.find(kind: "augmentation", name: name).options
            return name != "random_crop" && options.allSatisfy { $0.param.isSet }
        }
        let augmentations = try names.map {
            try PluginRegistry.shared.make(kind: "augmentation", name: $0, options: Options()) as! any Augmentation
        }
        let dataset = try SyntheticFilms.dataset(sources, broken: broken, loading: loading) {
            $0.augmentations = augmentations
            change(&$0)
        }
        return try dataset.batches(sampler("same_film", [("k", .int(3)), ("batch", .int(7)), ("seed", .int(seed))]))
    }

    /// The next batches, epoch ends left out.
    private func take(_ count: Int, from batches: Batches) throws -> [ClipBatch] {
        var taken: [ClipBatch] = []
        while taken.count < count { if let batch = try batches.next() { taken.append(batch) } }
        return taken
    }

    @Test func aBatchHoldsWhatItSays() throws {
        let batches = try batches()
        let batch = try #require(try batches.next())
        #expect(batch.video?.shape == [7, 2, 8, 8, 3])
        #expect(batch.audio.tracks.map(\.name) == ["en", "es", "fr"])
        #expect(batch.audio["spa"]?.shape == [7, 10, 10, 2])
        #expect(batch.audio["de"] == nil)
        #expect(Set(batch.ids).count == 7 && batch.places.allSatisfy { $0.languages == ["en", "es", "fr"] })
        #expect(batches.batchesPerEpoch == 10)
        #expect(
            batch.scriptPropertyNames == [
                "video", "audio", "ids", "films", "starts", "languages", "labels", "epoch", "index",
            ])
        #expect(batch.scriptProperty("epoch")?.optionText == "1" && batch.scriptProperty("index")?.optionText == "1")
        // Each place holds the clip that it names: the same clip read alone has the same bits.
        let evaluation = try SyntheticFilms.dataset(sources, split: .all).evaluation()
        let whole = try evaluation.batches(sampler("sequential", [("batch", .int(72))])).next()
        let bits = try #require(whole?.video).values
        for clip in [0, 31, 71] {
            let alone = try evaluation.clip(clip)
            #expect(alone.ids == [whole?.ids[clip]])
            #expect(alone.video?.values == Array(bits[clip * 384..<(clip + 1) * 384]))
        }
    }

    @Test func anyNumberOfThreadsGivesTheSameBits() throws {
        let broken = ["film-1": 0.0, "film-4": 6.5]
        let plain = try batches(workers: 0, broken: broken)
        let expected = try take(25, from: plain)
        #expect(plain.badSamples.count == 2)
        for workers in [1, 2, 5] {
            let threaded = try batches(workers: workers, broken: broken)
            let taken = try take(25, from: threaded)
            #expect(taken.map(\.ids) == expected.map(\.ids))
            #expect(taken.map(\.bits) == expected.map(\.bits))
            #expect(threaded.badSamples == plain.badSamples)
            #expect(threaded.state == plain.state)
        }
    }

    @Test func epochsEndWithNilAndDiffer() throws {
        let batches = try batches()
        var counts: [Int] = []
        var ids: [[String]] = []
        for _ in 0..<3 {
            var epoch: [String] = []
            while let batch = try batches.next() { epoch += batch.ids }
            counts.append(epoch.count)
            ids.append(epoch)
        }
        #expect(counts == [70, 70, 70] && batches.epoch == 3 && batches.index == 0)
        #expect(ids[0] != ids[1] && ids[1] != ids[2])
    }

    @Test func resumingAnywhereGivesWhatWouldHaveCome() throws {
        let broken = ["film-2": 3.2, "film-5": 8.0]
        let straight = try batches(workers: 2, broken: broken)
        var states: [Data] = []
        var expected: [ClipBatch] = []
        for _ in 0..<24 {
            states.append(try JSONEncoder().encode(straight.state))
            expected += try take(1, from: straight)
        }
        for stop in [0, 1, 5, 9, 10, 11, 17, 23] {
            let resumed = try batches(workers: stop % 3, broken: broken)
            // A batch or two before, so that restoring has something to throw away.
            _ = try resumed.next()
            try resumed.restore(JSONDecoder().decode(Batches.State.self, from: states[stop]))
            let rest = try take(24 - stop, from: resumed)
            #expect(rest.map(\.bits) == expected[stop...].map(\.bits))
            #expect(resumed.badSamples == straight.badSamples)
            #expect(resumed.state == straight.state)
        }
    }

    @Test func statesOfOtherDataAreRefused() throws {
        let state = try batches().state
        let others = try SyntheticFilms.dataset(SyntheticFilms.sources(5))
            .batches(sampler("same_film", [("k", .int(3)), ("batch", .int(7)), ("seed", .int(3))]))
        #expect { try others.restore(state) } throws: {
            "\($0)".contains("the checkpoint's data was 6 films, 72 clips")
        }
        #expect { try batches(seed: 4).restore(state) } throws: { "\($0)".contains("the checkpoint's sampler was") }
    }

    /// The previous version called `same_film` by another name.
    @Test func statesOfThePreviousVersionAreRestored() throws {
        let resumed = try batches()
        _ = try resumed.next()
        let text = String(decoding: try JSONEncoder().encode(resumed.state), as: UTF8.self)
        let former = text.replacingOccurrences(of: "kit.sampler.same_film", with: "kit.sampler.same_movie")
        #expect(former != text)
        let restored = try batches()
        try restored.restore(JSONDecoder().decode(Batches.State.self, from: Data(former.utf8)))
        #expect(restored.state == resumed.state)
    }

    @Test func badFilmsAreNamedOnceAndReplacedByOneOther() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("bad_samples.jsonl")
            for _ in 0..<3 {  // The later runs find the line of the first.
                let batches = try batches(workers: 2, broken: ["film-3": 0])
                batches.badSampleLog = BadSampleLog(file)
                for batch in try take(30, from: batches) {
                    #expect(!batch.places.contains { $0.film == "film-3" })
                    // The films that replace it keep the number of clips of the hard film.
                    let counts = Dictionary(grouping: batch.places, by: \.film).mapValues(\.count)
                    #expect(counts.values.contains { $0 >= 3 })
                }
                let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                #expect(lines.count == 1, "\(lines)")
                // As if the run had been killed while it wrote a second line.
                let handle = try FileHandle(forWritingTo: file)
                try handle.seekToEnd()
                try handle.write(contentsOf: Data(#"{"id": "film-5", "fi"#.utf8))
                try handle.close()
                let sample = try JSONDecoder().decode(BadSample.self, from: Data(lines[0].utf8))
                #expect(sample.id == "film-3" && sample.reason.contains("damaged") && sample.epoch == 0)
            }
        }
    }

    @Test func aFilmWithOtherReadableSourcesReplacesItself() throws {
        var sources = sources
        sources[3].film = "film-2"
        let dataset = try SyntheticFilms.dataset(sources, broken: ["film-3": 0])
        let batches = try dataset.batches(sampler("same_film", [("k", .int(7)), ("batch", .int(7))]))
        for batch in try take(20, from: batches) { #expect(Set(batch.places.map(\.film)).count == 1) }
        #expect(batches.badSamples.map(\.id) == ["film-3"])
    }

    @Test func tooManyBadFilmsEndTheRun() throws {
        for workers in [0, 2] {
            let batches = try batches(workers: workers, broken: ["film-1": 0, "film-2": 0, "film-3": 0], budget: 2)
            #expect {
                _ = try take(40, from: batches)
            } throws: { error in
                (error as? KitError)?.kind == .badData && "\(error)".contains("over the budget of 2 (bad_budget)")
            }
            let all = Dictionary(uniqueKeysWithValues: (0..<6).map { ("film-\($0)", 0.0) })
            let none = try self.batches(workers: workers, broken: all, budget: 6)
            #expect { _ = try take(40, from: none) } throws: { error in
                let text = "\(error)"
                return text.hasPrefix("no film is left that can be read, of 6 sources: film-")
                    && text.ranges(of: ": damaged at ").count == 3 && text.hasSuffix("; and 3 more")
            }
        }
    }

    @Test func filmsThatCannotBeOpenedCountToo() throws {
        let batches = try batches(broken: ["film-0": -1], budget: 0.1)
        #expect(batches.badSamples.map(\.id) == ["film-0"] && batches.dataset.films.count == 5)
        #expect(try take(3, from: batches).count == 3)
        #expect { _ = try take(1, from: self.batches(broken: ["film-0": -1], budget: 0)) } throws: {
            ($0 as? KitError)?.kind == .badData
        }
    }

    /// A dry run says what the run would; who asked for films to be left out gets the rest.
    @Test func filmsThatCannotBeOpenedEndATrialToo() throws {
        let broken = Dictionary(uniqueKeysWithValues: (0..<4).map { ("film-\($0)", -1.0) })
        #expect {
            _ = try batches(broken: broken, budget: 0.1).firstClips(1)
        } throws: {
            "\($0)".contains("4 of 6 sources cannot be read")
                && "\($0)".hasSuffix("leaves out those that cannot be opened")
                && !"\($0)".contains("film-1: film-1")
        }
        let dataset = try SyntheticFilms.dataset(
            sources, broken: broken, unusable: .skip, loading: LoaderOptions(workers: 0, badBudget: 0))
        let rest = try dataset.batches(sampler("uniform", [("batch", .int(3))]))
        #expect(try rest.firstClips(1) != nil)
        #expect(try take(3, from: rest).count == 3)
        #expect(rest.badSamples.count == 4)
    }

    @Test func closingAndInterruptingDoNotHang() throws {
        let batches = try batches(workers: 3)
        _ = try batches.next()
        batches.close()
        let after = try #require(try batches.next())
        #expect(after.index == 1)
        Interrupt.request()
        defer { Interrupt.clear() }
        #expect { try batches.next() } throws: { ($0 as? KitError)?.kind == .interrupted }
        Interrupt.clear()
        #expect(try batches.next()?.index == 2)
        for _ in 0..<20 { _ = try self.batches(workers: 4).next() }  // Each is closed as it goes.
    }

    @Test(arguments: [0, 1, 3]) func anInterruptInTheMiddleOfAClipLosesNothing(workers: Int) throws {
        defer { Interrupt.clear() }
        let uniform = try sampler("uniform", [("batch", .int(8))])
        let loading = LoaderOptions(workers: workers, prefetch: 3)
        let expected = try take(12, from: SyntheticFilms.dataset(sources).batches(uniform)).map(\.bits)
        let counter = ReadCounter(interruptAt: [11, 40, 41])
        let catalogue = try FilmCatalogue(sources, SyntheticFilms.settings(), makeReader: { counter.reader() })
        let batches = try FilmDataset(catalogue, split: .all, loading: loading).batches(uniform)
        var taken: [[UInt32]] = []
        var interrupts = 0
        while taken.count < 12 {
            do {
                if let batch = try batches.next() { taken.append(batch.bits) }
            } catch let error as KitError where error.kind == .interrupted {
                interrupts += 1
                Interrupt.clear()
            }
        }
        #expect(taken == expected)
        #expect((0...3).contains(interrupts) && counter.count >= (workers == 0 ? 97 : 96))
    }

    /// The first interrupt stops a batch that is read ahead, the second the attempt to read that batch once more.
    @Test func aBatchThatIsInterruptedTwiceIsNotSkipped() throws {
        defer { Interrupt.clear() }
        let uniform = try sampler("uniform", [("batch", .int(8))])
        let counter = ReadCounter(interruptAt: [12])
        let catalogue = try FilmCatalogue(sources, SyntheticFilms.settings(), makeReader: { counter.reader() })
        let dataset = try FilmDataset(catalogue, split: .all, loading: LoaderOptions(workers: 1, prefetch: 1))
        let batches = try dataset.batches(uniform)
        #expect(try batches.next()?.index == 0)
        while !Interrupt.isRequested { usleep(1000) }
        #expect { try batches.next() } throws: { ($0 as? KitError)?.kind == .interrupted }
        Interrupt.clear()
        counter.interruptNext()
        #expect { try batches.next() } throws: { ($0 as? KitError)?.kind == .interrupted }
        Interrupt.clear()
        #expect(try batches.next()?.index == 1)
        #expect(try batches.next()?.index == 2)
    }

    @Test func nothingIsReadBeyondTheLastEpoch() throws {
        let counter = ReadCounter()
        let catalogue = try FilmCatalogue(sources, SyntheticFilms.settings(), makeReader: { counter.reader() })
        let dataset = try FilmDataset(catalogue, split: .all, loading: LoaderOptions(workers: 2, prefetch: 3))
        let batches = try dataset.batches(sampler("uniform", [("batch", .int(8))]))
        batches.epochLimit = 2
        #expect(try take(18, from: batches).count == 18)
        #expect(try batches.next() == nil)
        batches.close()
        #expect(counter.count == 144)
    }

    /// Counts the clips read by all its readers.
    private final class ReadCounter {
        private let lock = NSLock()
        private var interruptAt: Set<Int>
        private var reads = 0
        var count: Int { lock.withLock { reads } }
        init(interruptAt: Set<Int> = []) { self.interruptAt = interruptAt }
        func reader() -> any FilmReader { Reader(self) }
        func interruptNext() { lock.withLock { _ = interruptAt.insert(reads + 1) } }
        /// Notes a read. One in which Ctrl-C is pressed is given up at once.
        func add() throws {
            let isInterrupted = lock.withLock {
                reads += 1
                return interruptAt.contains(reads)
            }
            guard isInterrupted else { return }
            Interrupt.request()
            throw KitError(.interrupted, "interrupted")
        }

        private final class Reader: FilmReader {
            private let films = SyntheticFilms()
            private let counter: ReadCounter
            init(_ counter: ReadCounter) { self.counter = counter }
            func facts(of source: ClipSource) throws -> SourceFacts { try films.facts(of: source) }
            func frames(of source: ClipSource, at times: [Double], width: Int, height: Int, fit: FrameFit) throws
                -> Frames
            {
                try counter.add()
                return try films.frames(of: source, at: times, width: width, height: height, fit: fit)
            }
            func audio(
                of source: ClipSource, language: Language, start: Double, duration: Double, sampleRate: Int
            ) throws -> Waveform {
                try films.audio(
                    of: source, language: language, start: start, duration: duration, sampleRate: sampleRate)
            }
        }
    }
}
