import Foundation
import Kit
import TestSupport
import Testing

/// Films in mp4 with an edit list that plays some parts, in another order or with pauses.
@Suite struct EditedFilmTests {
    /// Seconds, and where in the media they begin; nil is a pause.
    typealias Edit = (seconds: Double, start: Double?)

    private func film(_ path: String, codec: AudioCodec = .aac, sound: [Edit] = [], video: [Edit] = []) throws {
        var track = FilmWriter.Sound()
        (track.language, track.codec) = (Language(tag: "eng"), codec)
        var format = FilmWriter.VideoFormat(width: TestFilm.width, height: TestFilm.height)
        (format.rateFactor, format.frameRate, format.keyInterval) = (4, 25, 20)
        try TestFilm.write(path, seconds: 4, video: format, sounds: [track])
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        if !sound.isEmpty { try MovieEdits.set(sound, of: "soun", in: &data) }
        if !video.isEmpty { try MovieEdits.set(video, of: "vide", in: &data) }
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// A segment equals that part of the whole track to the sample, though frames of one edit are not on the grid of
    /// another's.
    @Test(arguments: [AudioCodec.aac, .ac3, .mp3, .opus])
    func stretchesAreThoseOfTheWhole(codec: AudioCodec) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mp4").path
            try film(path, codec: codec, sound: [(1.2, 0), (0.9, 1.5), (0.5, nil), (1.1, 2.83)])
            let file = try MediaFile(path)
            let track = file.audioTracks[0]
            let whole = try file.readAudio(track: track, start: 0, duration: 3.5)
            for start in [3.1, 1.3, 2.05, 1.15, 2.71, 0.6] {
                // The file is opened again, so that nothing was read before.
                let part = try MediaFile(path).readAudio(track: track, start: start, duration: 0.3)
                let place = Int((start * 48_000).rounded())
                let lag = TestFilm.lag(of: part[channel: 0].prefix(6000), in: whole[channel: 0], at: place, reach: 700)
                #expect(lag == 0, "\(codec) at \(start): \(lag) samples off")
            }
        }
    }

    /// A pause before a part of the track: neither longer than it is, nor cut short.
    @Test func aLateTrackThatIsTrimmedIsWhole() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mp4").path
            try film(path, sound: [(1.6, nil), (1.2, 0.3)])
            let file = try MediaFile(path)
            #expect(abs(file.duration - 4) < 0.05)
            #expect(try file.check().findings.allSatisfy { !$0.isFault })
            #expect(try file.readAudio(track: file.audioTracks[0], start: 0, duration: 4).count == 192_000)
            try film(path, sound: [(2, 0)], video: [(0.6, nil), (1.4, 0.32)])
            let late = try MediaFile(path)
            #expect(abs(late.duration - 1.4) < 0.05)
            #expect(try late.check(shortest: 1).findings.allSatisfy { !$0.isFault })
            let frames = try late.readFrames(start: 0, duration: 1.4, count: 35, width: 64, height: 32)
            #expect((0..<35).map { TestFilm.number(frames, $0) } == (8..<43).map { $0 })
        }
    }

    /// Parts in another order, and a pause between parts: what check calls whole can be read to the end.
    @Test func picturesOfSeveralEdits() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mp4").path
            let edits: [Edit] = [(1, 1.52), (0.6, nil), (2.4, 0.52)]
            try film(path, sound: edits, video: edits)
            let file = try MediaFile(path)
            #expect(abs(file.duration - 4) < 0.05)
            #expect(try file.check().findings.allSatisfy { !$0.isFault })
            let numbers = [Int](38..<63) + [Int](repeating: 62, count: 15) + [Int](13..<73)
            var random = RandomStream(seed: 5)
            for _ in 0..<30 {
                let index = random.index(below: 100)
                let frame = try file.readFrames(
                    start: Double(index) / 25 + 0.005, duration: 0.02, count: 1, width: 64, height: 32)
                #expect(TestFilm.number(frame, 0) == numbers[index], "picture \(index)")
            }
            #expect(try file.readAudio(track: file.audioTracks[0], start: 3, duration: 0.9).count == 43_200)
        }
    }
}

/// Writes edit lists into mp4 files with their header at the end. Source: ISO/IEC 14496-12, 8.6.6.
enum MovieEdits {
    struct Missing: Error { let box: String }

    static func set(_ edits: [EditedFilmTests.Edit], of handler: String, in data: inout Data) throws {
        let movie = try find("moov", 0..<data.count, data)
        let movieRate = number(data, try find("mvhd", inner(movie), data).lowerBound + 20)
        for track in boxes(inner(movie), data).filter({ $0.name == "trak" }).map(\.range) {
            let media = try find("mdia", inner(track), data)
            let kind = try find("hdlr", inner(media), data).lowerBound + 16
            guard data[kind..<kind + 4] == Data(handler.utf8) else { continue }
            let rate = number(data, try find("mdhd", inner(media), data).lowerBound + 20)
            let outer = try find("edts", inner(track), data)
            let list = try find("elst", inner(outer), data)
            // What is there begins behind the codec's delay.
            let delay = (0..<number(data, list.lowerBound + 12)).map {
                Int(Int32(truncatingIfNeeded: number(data, list.lowerBound + 20 + 12 * $0)))
            }.max()!
            var content = Data([0, 0, 0, 0]) + bytes(edits.count)
            for edit in edits {
                content += bytes(Int((edit.seconds * Double(movieRate)).rounded()))
                content += bytes(edit.start.map { delay + Int(($0 * Double(rate)).rounded()) } ?? -1)
                content += [0, 1, 0, 0]
            }
            let more = content.count + 8 - list.count
            for box in [movie, track, outer, list] {
                data.replaceSubrange(box.lowerBound..<box.lowerBound + 4, with: bytes(box.count + more))
            }
            data.replaceSubrange(list.lowerBound + 8..<list.upperBound, with: content)
            return
        }
        throw Missing(box: handler)
    }

    private static func inner(_ box: Range<Int>) -> Range<Int> { box.lowerBound + 8..<box.upperBound }

    private static func boxes(_ range: Range<Int>, _ data: Data) -> [(name: String, range: Range<Int>)] {
        var found: [(String, Range<Int>)] = []
        var place = range.lowerBound
        while place + 8 <= range.upperBound {
            let size = number(data, place)
            found.append((String(decoding: data[place + 4..<place + 8], as: UTF8.self), place..<place + size))
            place += size
        }
        return found
    }

    private static func find(_ name: String, _ range: Range<Int>, _ data: Data) throws -> Range<Int> {
        guard let box = boxes(range, data).first(where: { $0.name == name }) else { throw Missing(box: name) }
        return box.range
    }

    private static func number(_ data: Data, _ place: Int) -> Int {
        data[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func bytes(_ number: Int) -> Data {
        withUnsafeBytes(of: Int32(truncatingIfNeeded: number).bigEndian) { Data($0) }
    }
}
