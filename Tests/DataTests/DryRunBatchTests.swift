import Kit
import Plugins
import TestSupport
import Testing

/// The few clips that a dry run reads.
@Suite(.serialized) struct DryRunBatchTests {
    private func batches(broken: [String: Double] = [:]) throws -> Batches {
        let dataset = try SyntheticFilms.dataset(SyntheticFilms.sources(6), broken: broken)
        return try dataset.batches(sampler("same_film", [("k", .int(3)), ("batch", .int(7)), ("seed", .int(3))]))
    }

    @Test func theyAreTheFirstOfTheNextBatchWhichComesAllTheSame() throws {
        let (tried, untried) = (try batches(), try batches())
        let first = try #require(try tried.firstClips(2))
        let (next, expected) = (try #require(try tried.next()), try #require(try untried.next()))
        #expect(first.ids == Array(next.ids.prefix(2)))
        #expect(next.ids == expected.ids)
        let (few, all) = (try #require(first.video), try #require(next.video))
        #expect(few.shape.extents == [2] + all.shape.extents.dropFirst())
        #expect(few.values == Array(all.values.prefix(few.count)))
    }

    @Test func unreadableClipsAreLeftToTheWholeBatch() throws {
        let broken = Dictionary(uniqueKeysWithValues: (0..<6).map { ("film-\($0)", 0.0) })
        let batches = try batches(broken: broken)
        #expect(try batches.firstClips(2) == nil)
        #expect(batches.badSamples.isEmpty)
    }
}
