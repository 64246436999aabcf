import Kit
import Plugins
import TestSupport
import Testing

/// `kit.sampler.shuffle_buffer` on films of random lengths in tar files of random sizes.
@Suite struct ShuffleBufferTests {
    private func dataset(_ random: inout RandomStream, tars: Int) throws -> FilmDataset {
        let sources = (0..<tars).flatMap { tar in
            (0..<1 + random.index(below: 5)).map { film in
                ClipSource(
                    id: "\(tar)-\(film)", path: "\(tar).tar/\(film).mkv", duration: Double(1 + random.index(below: 9)),
                    tracks: [SourceTrack(language: Language(tag: "en"))])
            }
        }
        return try SyntheticFilms.dataset(sources)
    }

    private func tar(_ clip: Int, _ clips: SampledClips) -> String {
        String(clips.sources[clips.clips[clip].source].path.prefix { $0 != "." })
    }

    @Test func everyClipIsReadOnceAndTarFilesOneAfterTheOther() throws {
        var random = RandomStream(seed: 3)
        for round in 0..<100 {
            let clips = try dataset(&random, tars: 1 + random.index(below: 8)).sampledClips
            let streams = 1 + random.index(below: 3)
            let batch = streams * (1 + random.index(below: 3))
            let buffer = 1 + random.index(below: 6)
            for dropLast in [true, false] where !dropLast || clips.clips.count >= batch {
                let options: [(String, OptionValue)] = [
                    ("batch", .int(batch)), ("buffer", .int(buffer)), ("streams", .int(streams)), ("seed", .int(round)),
                    ("drop_last", .bool(dropLast)),
                ]
                let rule = try sampler("shuffle_buffer", options)
                let batches = try rule.batches(of: clips, epoch: 2)
                #expect(try rule.batches(of: clips, epoch: 2) == batches)
                let all = batches.flatMap { $0 }
                #expect(Set(all).count == all.count)
                #expect(batches.dropLast(dropLast ? 0 : 1).allSatisfy { $0.count == batch })
                #expect(all.count == (dropLast ? clips.clips.count / batch * batch : clips.clips.count))
            }
            guard clips.clips.count >= 2 else { continue }
            // With a buffer of one clip and one stream, each file is read in its order.
            let plain = try sampler(
                "shuffle_buffer",
                [("batch", .int(1)), ("buffer", .int(1)), ("seed", .int(round))]
            ).batches(of: clips, epoch: 0).flatMap { $0 }
            let runs = plain.map { tar($0, clips) }.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
            #expect(runs.count == Set(runs).count)
            #expect(zip(plain, plain.dropFirst()).allSatisfy { $0 < $1 || tar($0, clips) != tar($1, clips) })
        }
    }

    /// Clips leave the buffer in random order, but none before it is read.
    @Test func clipsAreShuffledWithinTheBuffer() throws {
        let sources = (0..<500).map {
            ClipSource(
                id: "\($0)", path: "a.tar/\($0).wav", duration: 1, tracks: [SourceTrack(language: Language(tag: "en"))])
        }
        let clips = try SyntheticFilms.dataset(sources).sampledClips
        let rule = try sampler("shuffle_buffer", [("batch", .int(1)), ("buffer", .int(50))])
        let order = try rule.batches(of: clips, epoch: 0).flatMap { $0 }
        #expect(order.enumerated().allSatisfy { $1 < $0 + 50 })
        #expect(order.enumerated().count { $0 != $1 } > 400)
        #expect(try rule.batches(of: clips, epoch: 1).flatMap { $0 } != order)
    }

    /// Each of as many processes as streams reads files of its own, but for those at the borders.
    @Test func streamsHaveTarFilesOfTheirOwn() throws {
        let sources = (0..<16).flatMap { tar in
            (0..<10).map {
                ClipSource(
                    id: "\(tar)-\($0)", path: "\(tar).tar/\($0).wav", duration: 1,
                    tracks: [SourceTrack(language: Language(tag: "en"))])
            }
        }
        let clips = try SyntheticFilms.dataset(sources).sampledClips
        let rule = try sampler("shuffle_buffer", [("batch", .int(8)), ("streams", .int(4)), ("buffer", .int(20))])
        let batches = try rule.batches(of: clips, epoch: 0)
        let layout = try ShardLayout(shards: 4, rank: 0, ranks: 4)
        let read = (0..<4).map { rank in
            Set(batches.flatMap { $0[layout.rows(of: layout.shards(of: rank), in: 8)] }.map { tar($0, clips) })
        }
        #expect(read.map(\.count) == [4, 4, 4, 4] && read.reduce(into: Set<String>()) { $0.formUnion($1) }.count == 16)
        #expect {
            try sampler("shuffle_buffer", [("batch", .int(6)), ("streams", .int(4))])
        } throws: { "\($0)".contains("'batch' must be a multiple of the 4 streams, but is 6") }
    }
}
