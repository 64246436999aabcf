import Kit
import Plugins
import TestSupport
import Testing

/// Makes a sampler as a recipe does.
func sampler(_ name: String, _ options: [(String, OptionValue)]) throws -> any Sampler {
    let named = options.map { (key: $0.0, value: $0.1) }
    return try PluginRegistry.shared.make(kind: "sampler", name: name, options: Options(named: named)) as! any Sampler
}

@Suite struct SamplerTests {
    /// A sampler that needs only the film of each clip.
    private func filmSampler(_ name: String, _ options: [(String, OptionValue)]) throws -> any FilmSampler {
        try #require(try sampler(name, options) as? any FilmSampler)
    }

    /// Films of random sizes, their clips numbered one behind the other.
    private func films(_ random: inout RandomStream) -> [[Int]] {
        var next = 0
        return (0..<2 + random.index(below: 12)).map { _ in
            let count = 1 + random.index(below: 30)
            defer { next += count }
            return Array(next..<next + count)
        }
    }

    @Test func exactlyKClipsOfEachBatchComeFromOneFilm() throws {
        var random = RandomStream(seed: 1)
        for round in 0..<200 {
            let films = films(&random)
            let count = films.reduce(0) { $0 + $1.count }
            let batch = 2 + random.index(below: min(count, 40) - 1)
            let k = 1 + random.index(below: batch)
            let filmOf = Dictionary(
                uniqueKeysWithValues: films.enumerated().flatMap { f, clips in clips.map { ($0, f) } })
            let same = try filmSampler("same_film", [("k", .int(k)), ("batch", .int(batch)), ("seed", .int(round))])
            let batches = try same.batches(of: films, epoch: round)
            #expect(batches.count == count / batch)
            for clips in batches {
                #expect(clips.count == batch)
                let counts = Dictionary(grouping: clips, by: { filmOf[$0]! }).mapValues(\.count)
                #expect(counts.values.contains(k), "no film has exactly \(k) clips: \(counts)")
                // A clip comes twice only where its film has too few.
                for (film, clips) in Dictionary(grouping: clips, by: { filmOf[$0]! }) {
                    #expect(Set(clips).count == min(clips.count, films[film].count))
                }
            }
        }
    }

    @Test func nearlyEveryClipIsUsedOnceAnEpoch() throws {
        let films = (0..<40).map { film in Array(film * 25..<(film + 1) * 25) }
        let same = try filmSampler("same_film", [("k", .int(12)), ("batch", .int(24))])
        let used = Set(try same.batches(of: films, epoch: 0).joined())
        #expect(used.count > 900)
        // Every film gets its turn as the hard one, not a favourite few.
        let hard = try (0..<20).flatMap { try same.batches(of: films, epoch: $0) }.map { clips in
            Dictionary(grouping: clips, by: { $0 / 25 }).max { $0.value.count < $1.value.count }!.key
        }
        #expect(Set(hard).count == 40)
    }

    @Test func samplersAreFunctionsOfSeedAndEpoch() throws {
        var random = RandomStream(seed: 2)
        let films = films(&random)
        for name in ["same_film", "uniform"] {
            func batches(_ seed: Int, _ epoch: Int) throws -> [[Int]] {
                try filmSampler(
                    name, [("batch", .int(4)), ("seed", .int(seed))] + (name == "uniform" ? [] : [("k", .int(2))])
                )
                .batches(of: films, epoch: epoch)
            }
            #expect(try batches(7, 3) == batches(7, 3))
            #expect(try batches(7, 3) != batches(7, 4))
            #expect(try batches(7, 3) != batches(8, 3))
        }
    }

    @Test func uniformUsesEveryClipOnce() throws {
        let films = [[0, 1, 2], [3], [4, 5, 6, 7, 8]]
        let kept = try filmSampler("uniform", [("batch", .int(4)), ("drop_last", .bool(false))]).batches(
            of: films, epoch: 1)
        #expect(kept.map(\.count) == [4, 4, 1])
        #expect(kept.joined().sorted() == Array(0..<9))
        let dropped = try filmSampler("uniform", [("batch", .int(4))]).batches(of: films, epoch: 1)
        #expect(dropped == Array(kept.dropLast()))
        let none = try filmSampler("same_film", [("k", .int(0)), ("batch", .int(4))]).batches(of: films, epoch: 1)
        #expect(none == dropped)
        let inOrder = try filmSampler("sequential", [("batch", .int(6))]).batches(of: films, epoch: 5)
        #expect(inOrder == [[0, 1, 2, 3, 4, 5], [6, 7, 8]])
    }

    @Test func impossibleDemandsAreErrorsThatSayWhatToChange() throws {
        #expect(throws: KitError.usage("kit.sampler.same_film: option 'k' must be at most the batch of 8, but is 12")) {
            try filmSampler("same_film", [("batch", .int(8))])
        }
        let same = try filmSampler("same_film", [("k", .int(2)), ("batch", .int(4))])
        #expect(throws: KitError.self) { try same.batches(of: [[0, 1]], epoch: 0) }
        #expect {
            try same.batches(of: [[0, 1, 2, 3, 4]], epoch: 0)
        } throws: { "\($0)".contains("there is only one film") }
        #expect {
            try filmSampler("uniform", [("batch", .int(4))]).batches(of: [[0, 1]], epoch: 0)
        } throws: { "\($0)".contains("a batch of 4 needs at least 4 clips, but there are 2") }
    }
}
