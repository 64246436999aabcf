import Foundation
import Kit
import TestSupport
import Testing

/// A copy with a track more is the same film.
@Suite struct FilmCopyTests {
    struct Case: CustomStringConvertible, Sendable {
        var ending: String
        var codec: AudioCodec
        var added: AudioCodec
        var pictureStart = 0.0
        var soundStarts = [0.0, 0.4]
        var description: String {
            "\(ending) \(codec) + \(added), picture at \(pictureStart), sounds at \(soundStarts)"
        }
    }

    static let cases = [
        Case(ending: "mp4", codec: .aac, added: .aac),
        Case(ending: "mp4", codec: .aac, added: .aac, pictureStart: 0.25),
        // Sound before the first frame.
        Case(ending: "mp4", codec: .aac, added: .aac, pictureStart: 0.7, soundStarts: [0, 0.1]),
        Case(ending: "mkv", codec: .opus, added: .flac, pictureStart: 0.7, soundStarts: [0, 0.1]),
        Case(ending: "ts", codec: .mp3, added: .mp3, pictureStart: 0.7, soundStarts: [0, 0.1]),
        Case(ending: "mkv", codec: .opus, added: .flac),
        Case(ending: "mkv", codec: .aac, added: .flac, pictureStart: 0.25),
        Case(ending: "mkv", codec: .flac, added: .opus, soundStarts: [0.13, 0]),
        Case(ending: "mkv", codec: .mp3, added: .aac), Case(ending: "webm", codec: .opus, added: .opus),
    ]

    private static let seconds = 3.0

    private func write(_ path: String, _ each: Case) throws {
        var picture = FilmWriter.VideoFormat(width: TestFilm.width, height: TestFilm.height)
        (picture.start, picture.rateFactor) = (each.pictureStart, 0)
        let sounds = ["eng", "fra"].enumerated().map { index, language in
            var sound = FilmWriter.Sound()
            (sound.language, sound.codec) = (Language(tag: language), each.codec)
            (sound.start, sound.title) = (each.soundStarts[index], "track \(index)")
            return sound
        }
        let isWebM = each.ending == "webm"
        try TestFilm.write(path, seconds: Self.seconds, video: isWebM ? nil : picture, sounds: sounds)
    }

    /// The new track: noise as long as the film.
    private func added(to path: String) throws -> Waveform {
        TestFilm.noise(seconds: try MediaFile(path).duration, seed: 9)
    }

    private func copy(_ path: String, to target: String, _ codec: AudioCodec, dropping: Set<Int> = []) throws {
        var sound = FilmWriter.Sound()
        (sound.language, sound.codec, sound.title, sound.bitRate) = (Language(tag: "zxx"), codec, "no words", 256_000)
        let copy = try FilmCopy(path, to: target, adding: sound, dropping: dropping)
        let noise = try added(to: path)
        var first = 0
        try copy.write {
            guard first < noise.count else { return nil }
            let count = min(10_000, noise.count - first)
            defer { first += count }
            let values = (0..<2).flatMap { Array(noise[channel: $0].dropFirst(first).prefix(count)) }
            return Waveform(channels: 2, count: count, sampleRate: 48_000, values: values)
        }
    }

    @Test(arguments: cases) func allElseStaysWhatItWas(each: Case) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(each.ending)").path
            let target = folder.appendingPathComponent("copy.\(each.ending)").path
            try write(path, each)
            try copy(path, to: target, each.added)
            let (old, new) = (try MediaFile(path), try MediaFile(target))
            #expect(new.audioTracks.map(\.language.code) == ["en", "fr", "zxx"])
            #expect(abs(new.duration - old.duration) < 0.05)
            let length = min(old.duration, new.duration) - 0.01
            for track in old.audioTracks {
                // Nothing before the first frame is lost.
                #expect(abs(try new.track(language: track.language).start - track.start) < 0.0021)
                let before = try old.readAudio(track: track, start: 0, duration: length)
                let after = try new.readAudio(track: new.track(language: track.language), start: 0, duration: length)
                // Where a track begins late, a copy plays what its encoder put before the first sample.
                let begin = Int((max(0, track.start) + 0.1) * 48_000)
                let lag = TestFilm.lag(
                    of: before[channel: 0].dropFirst(60_000).prefix(9000), in: after[channel: 0], at: 60_000)
                // Matroska counts milliseconds, so packets that are copied may move by one.
                #expect(abs(lag) <= (each.ending == "mkv" ? 48 : 0), "\(track.summary), moved by \(lag)")
                for channel in 0..<2 {
                    let (one, other) = (before[channel: channel], after[channel: channel])
                    #expect(
                        one.dropFirst(begin + 48).dropLast(48).elementsEqual(
                            other.dropFirst(begin + 48 + lag).dropLast(48 - lag)),
                        "\(track.summary), moved by \(lag)")
                }
            }
            if old.video != nil {
                let (before, after) = try (
                    old.readFrames(start: 0, duration: 2.5, count: 20, width: 64, height: 32),
                    new.readFrames(start: 0, duration: 2.5, count: 20, width: 64, height: 32)
                )
                #expect(before.values == after.values)
            }
            let track = try new.track(language: Language(tag: "zxx"))
            // Transport streams have no titles.
            let titles = each.ending == "ts" ? [nil, nil, nil] : ["track 0", "track 1", "no words"]
            #expect(new.audioTracks.map(\.title) == titles)
            let noise = try added(to: path)
            let heard = try new.readAudio(track: track, start: 1, duration: 0.5)
            #expect(TestFilm.lag(of: heard[channel: 0], in: noise[channel: 0], at: 48_000) == 0)
        }
    }

    /// In place, twice: the second takes the place of the first.
    @Test func replacesATrackInPlace() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mkv").path
            try write(path, Self.cases[3])
            try copy(path, to: path, .flac)
            try copy(path, to: path, .flac, dropping: [3])
            let second = try Data(contentsOf: URL(fileURLWithPath: path))
            try copy(path, to: path, .flac, dropping: [3])
            #expect(try MediaFile(path).audioTracks.map(\.language.code) == ["en", "fr", "zxx"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == second)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["film.mkv"])
        }
    }

    @Test func aFailureLeavesTheFilmAsItWas() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mp4").path
            try write(path, Self.cases[0])
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            do {
                let copy = try FilmCopy(path, to: path, adding: FilmWriter.Sound())
                var pieces = 0
                #expect(throws: KitError(.badData, "enough")) {
                    try copy.write {
                        pieces += 1
                        if pieces > 2 { throw KitError(.badData, "enough") }
                        return TestFilm.noise(seconds: 0.5)
                    }
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["film.mp4"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func aContainerThatCannotHoldTheTracksIsNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mkv").path
            try write(path, Self.cases[5])
            let error = #expect(throws: KitError.self) {
                try copy(path, to: folder.appendingPathComponent("film.webm").path, .opus)
            }
            #expect(
                error?.message.contains("this container cannot contain these tracks") == true, "\(error?.message ?? "")"
            )
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["film.mkv"])
        }
    }

    /// Covers and fonts, which libavformat takes for video tracks or ignores.
    @Test(arguments: [("attached.mkv", "mkv"), ("attached.mp4", "mp4"), ("attached.mp4", "mkv")])
    func attachmentsAreKept(name: String, ending: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let source = ForeignFilmTests.folder.appendingPathComponent(name).path
            let paths = ["once", "twice"].map { folder.appendingPathComponent("\($0).\(ending)").path }
            try copy(source, to: paths[0], .aac)
            try copy(paths[0], to: paths[1], .aac, dropping: [try MediaFile(paths[0]).audioTracks[1].index])
            for path in paths {
                let file = try MediaFile(path)
                #expect(file.video?.codec == "h264" && file.audioTracks.map(\.language.code) == ["en", "zxx"])
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                // The first bytes of JPEG and PNG images.
                #expect(
                    data.range(of: Data([0xFF, 0xD8, 0xFF])) != nil
                        && data.range(of: Data("\u{89}PNG".utf8.dropFirst(2))) != nil)
                guard ending == "mkv" else { continue }
                for word in ["image/jpeg", "image/png"] { #expect(data.range(of: Data(word.utf8)) != nil, "\(word)") }
                if name == "attached.mkv" {
                    for word in ["cover.jpg", "cover.png", "font.ttf"] {
                        #expect(data.range(of: Data(word.utf8)) != nil, "\(word)")
                    }
                    #expect(data.range(of: Data((0..<64).map { UInt8($0) })) != nil)
                }
            }
        }
    }

    /// libavformat neither reads nor writes PixelCrop.
    @Test func aCropThatWouldBeLostIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mkv").path
            var data = try Data(contentsOf: ForeignFilmTests.folder.appendingPathComponent("attached.mkv"))
            // In place of the display's width, an element of the same size: 16 rows less at the bottom.
            let width = try #require(data.range(of: Data([0x54, 0xB0, 0x81, 0x08])))
            data.replaceSubrange(width, with: [0x54, 0xAA, 0x81, 16])
            try data.write(to: URL(fileURLWithPath: path))
            let target = folder.appendingPathComponent("copy.mkv").path
            let error = #expect(throws: KitError.self) { try copy(path, to: target, .flac) }
            #expect(error?.message.contains("PixelCrop") == true, "\(error?.message ?? "")")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["film.mkv"])
        }
    }

    /// An edit that begins inside a group of pictures hides the frames before it; Matroska cannot express that.
    @Test func whatAnEditHidesIsNotShownByACopy() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mp4").path
            try write(path, Self.cases[0])
            var data = try Data(contentsOf: URL(fileURLWithPath: path))
            try MovieEdits.set([(2.5, 0.5)], of: "vide", in: &data)
            try data.write(to: URL(fileURLWithPath: path))
            let target = folder.appendingPathComponent("copy.mp4").path
            try copy(path, to: target, .aac)
            let (before, after) = try (MediaFile(path), MediaFile(target))
            func shown(_ file: MediaFile) throws -> [UInt8] {
                try file.readFrames(start: 0, duration: 1.9, count: 19, width: 64, height: 32).values
            }
            #expect(try shown(before) == shown(after))
            let other = folder.appendingPathComponent("copy.mkv").path
            let error = #expect(throws: KitError.self) { try copy(path, to: other, .flac) }
            #expect(error?.message.contains("cannot be copied without loss") == true, "\(error?.message ?? "")")
            #expect(!FileManager.default.fileExists(atPath: other))
        }
    }
}
