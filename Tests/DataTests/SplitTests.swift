import Kit
import TestSupport
import Testing

@Suite struct SplitTests {
    private func films(_ dataset: FilmDataset) -> Set<String> { Set(dataset.films) }

    private func split(_ sources: [ClipSource], heldOut: Double, seed: Int = 0) throws -> (
        train: FilmDataset, heldOut: FilmDataset
    ) {
        let catalogue = try FilmCatalogue(
            sources, SyntheticFilms.settings(), heldOut: heldOut, splitSeed: seed, makeReader: { SyntheticFilms() })
        return (try FilmDataset(catalogue, split: .train), try FilmDataset(catalogue, split: .heldOut))
    }

    @Test func noFilmIsInBothSplits() throws {
        // Three sources of each film: a film goes to one side with all of them.
        let sources = SyntheticFilms.sources(60).enumerated().map { index, source in
            var source = source
            source.film = "movie-\(index / 3)"
            return source
        }
        for seed in 0..<20 {
            let (train, heldOut) = try split(sources, heldOut: 0.3, seed: seed)
            #expect(films(train).isDisjoint(with: films(heldOut)))
            #expect(films(train).union(films(heldOut)).count == 20)
            #expect(train.sources.count + heldOut.sources.count == 60)
            #expect(train.isTraining && !heldOut.isTraining)
        }
    }

    @Test func addingFilmsMovesNone() throws {
        let few = try split(SyntheticFilms.sources(40), heldOut: 0.3)
        let more = try split(SyntheticFilms.sources(80), heldOut: 0.3)
        #expect(films(few.heldOut).isSubset(of: films(more.heldOut)))
        #expect(films(few.train).isSubset(of: films(more.train)))
        #expect((10...38).contains(more.heldOut.films.count))
    }

    @Test func smallSetsHaveBothSides() throws {
        for count in 2..<8 {
            for fraction in [0.01, 0.2, 0.99] {
                let (train, heldOut) = try split(SyntheticFilms.sources(count), heldOut: fraction)
                #expect(!train.films.isEmpty && !heldOut.films.isEmpty)
            }
        }
        #expect { try split(SyntheticFilms.sources(3), heldOut: 0) } throws: { "\($0)".contains("has no films") }
    }

    @Test func manifestsDecideWhereTheySayIt() throws {
        var sources = SyntheticFilms.sources(6)
        sources[1].split = .heldOut
        sources[4].split = .train
        let (_, heldOut) = try split(sources, heldOut: 0)
        #expect(films(heldOut) == ["film-1"])
        sources[2].film = sources[1].film
        sources[2].split = .train
        #expect { try split(sources, heldOut: 0) } throws: { "\($0)".contains("a film is in one split") }
    }
}
