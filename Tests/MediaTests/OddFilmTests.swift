import Foundation
import Kit
import TestSupport
import Testing

/// Films that are whole but not as most are: each is read for what it is, or refused.
@Suite struct OddFilmTests {
    private func sound(_ language: String = "eng", _ codec: AudioCodec = .aac, title: String? = nil) -> FilmWriter.Sound
    {
        var sound = FilmWriter.Sound()
        (sound.language, sound.codec, sound.title) = (Language(tag: language), codec, title)
        return sound
    }

    private func picture(keyInterval: Int = 48) -> FilmWriter.VideoFormat {
        var picture = FilmWriter.VideoFormat(width: TestFilm.width, height: TestFilm.height)
        (picture.keyInterval, picture.rateFactor, picture.frameRate) = (keyInterval, 4, 25)
        return picture
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    private func join(_ paths: [String], to path: String) throws {
        try paths.map(bytes).reduce(Data(), +).write(to: URL(fileURLWithPath: path))
    }

    // MARK: - Orientation

    /// All eight display matrices: where the white quarter of the stored frame is shown.
    @Test(arguments: [
        [1, 0, 0, 1], [0, 1, -1, 0], [-1, 0, 0, -1], [0, -1, 1, 0], [-1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0],
        [0, -1, -1, 0],
    ])
    func displayMatrices(matrix: [Int]) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mp4").path
            let (width, height) = (64, 32)
            var pixels = [UInt8](repeating: 10, count: width * height * 3)
            for row in 0..<height / 2 {
                for index in 0..<width / 2 * 3 { pixels[row * width * 3 + index] = 240 }
            }
            let writer = try FilmWriter(path, video: picture())
            for _ in 0..<25 { try writer.write(frame: pixels) }
            try writer.finish()
            var data = try bytes(path)
            // The matrix is 40 bytes after the name of the track's header: a, b, u, c, d, v in 16.16 fixed point.
            let place = data.range(of: Data("tkhd".utf8))!.upperBound + 40
            for (index, value) in [matrix[0], matrix[1], 0, matrix[2], matrix[3], 0].enumerated() {
                withUnsafeBytes(of: Int32(value << 16).bigEndian) {
                    data.replaceSubrange(place + 4 * index..<place + 4 * index + 4, with: $0)
                }
            }
            try data.write(to: URL(fileURLWithPath: path))
            let file = try MediaFile(path)
            let isTurned = matrix[0] == 0
            #expect(file.video?.width == (isTurned ? 32 : 64) && file.video?.height == (isTurned ? 64 : 32))
            let shown = try file.readFrames(start: 0, duration: 0.5, count: 1, width: 4, height: 4, fit: .scale)
            // The corner (-1, -1) of the stored frame goes to (-a - c, -b - d).
            let (x, y) = (-matrix[0] - matrix[2], -matrix[1] - matrix[3])
            for (row, column) in [(0, 0), (0, 3), (3, 0), (3, 3)] {
                let isWhite = (column == 0) == (x < 0) && (row == 0) == (y < 0)
                #expect((shown.values[(row * 4 + column) * 3] > 128) == isWhite, "\(matrix) at \(row), \(column)")
            }
        }
    }

    // MARK: - Joined recordings

    @Test(arguments: ["ts", "mkv", "avi", "mp4", "mov", "flv", "wmv", "ogg", "opus", "flac", "wav"])
    func recordingsLaidEndToEndAreRefused(ending: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let parts = ["a", "b"].map { folder.appendingPathComponent("\($0).\(ending)").path }
            for path in parts {
                if ["ts", "mkv", "avi", "mp4", "mov", "flv", "wmv"].contains(ending) {
                    let codec = ["flv", "mov"].contains(ending) ? AudioCodec.aac : .mp3
                    try TestFilm.write(path, seconds: 2, video: picture(), sounds: [sound("eng", codec)])
                } else {
                    try TestFilm.noise(seconds: 2).write(path)
                }
                #expect(try MediaFile(path).check(shortest: 1).findings.allSatisfy { !$0.isFault })
            }
            let joined = folder.appendingPathComponent("joined.\(ending)").path
            try join(parts, to: joined)
            let error = #expect(throws: KitError.self) { try MediaFile(joined) }
            #expect(
                error?.kind == .badData && error?.message.contains("joined end to end") == true,
                "\(ending): \(error?.message ?? "")")
        }
    }

    /// However short the first part is.
    @Test func aTenthOfASecondBeforeAnotherRecording() throws {
        try Fixtures.withTemporaryFolder { folder in
            let parts = ["a", "b"].map { folder.appendingPathComponent("\($0).ts").path }
            for (path, seconds) in zip(parts, [0.12, 2]) {
                try TestFilm.write(path, seconds: seconds, video: picture(), sounds: [sound("eng", .mp3)])
                #expect(throws: Never.self) { try MediaFile(path) }
            }
            let joined = folder.appendingPathComponent("joined.ts").path
            try join(parts, to: joined)
            let error = #expect(throws: KitError.self) { try MediaFile(joined) }
            #expect(error?.message.contains("joined end to end") == true, "\(error?.message ?? "")")
        }
    }

    @Test func aRateThatChangesIsFoundByTheCheckToo() throws {
        try Fixtures.withTemporaryFolder { folder in
            let parts = [44_100, 48_000].map { folder.appendingPathComponent("\($0).mp3").path }
            try TestFilm.noise(seconds: 2, rate: 44_100).write(parts[0])
            try TestFilm.noise(seconds: 2, rate: 48_000).write(parts[1])
            // Without the first part's header, which says how long it is.
            let first = try bytes(parts[0])
            let frame = first.range(of: Data("Info".utf8)).map { $0.lowerBound - 36 } ?? 0
            let path = folder.appendingPathComponent("joined.mp3").path
            try (first.dropFirst(frame + 417) + bytes(parts[1])).write(to: URL(fileURLWithPath: path))
            let file = try MediaFile(path)
            let isTold = try file.check(shortest: 1).findings.contains { "\($0)".contains("rate changes") }
            #expect(isTold)
            let error = #expect(throws: KitError.self) { try file.readAudio(track: file.audioTracks[0], from: 0) }
            #expect(
                error?.message.contains("its rate changes from 44100 to 48000 Hz") == true, "\(error?.message ?? "")")
        }
    }

    // MARK: - Samples

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30])
    func samplesThatAreNoSoundAreRefused(value: Float) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("bad.wav").path
            var sound = TestFilm.noise(seconds: 4)
            sound.values[3 * 48_000] = value
            try sound.write(path)
            let file = try MediaFile(path)
            #expect(try file.readAudio(track: file.audioTracks[0], start: 0, duration: 1).count == 48_000)
            let error = #expect(throws: KitError.self) {
                try file.readAudio(track: file.audioTracks[0], start: 2.5, duration: 1)
            }
            #expect(error?.kind == .badData && error?.message.contains("bad.wav") == true)
            #expect(try file.check().findings.contains { $0.isFault && "\($0)".contains("times full scale") })
        }
    }

    // MARK: - Beginnings and ends

    @Test func aStreamThatBeginsInMidGroupBeginsWithItsFirstKeyFrame() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.ts").path
            try TestFilm.write(path, seconds: 4, video: picture(keyInterval: 20), sounds: [sound("eng", .mp3)])
            let data = try bytes(path)
            let start = data.count * 2 / 10 / 188 * 188
            try data.dropFirst(start).write(to: URL(fileURLWithPath: path))
            let file = try MediaFile(path)
            let frames = try file.readFrames(start: 0, duration: 1, count: 25, width: 64, height: 32)
            let first = TestFilm.number(frames, 0)
            #expect((1..<50).contains(first), "\(first)")
            #expect((0..<25).map { TestFilm.number(frames, $0) } == (first..<first + 25).map { $0 })
            #expect(abs(file.duration - (4 - Double(first) / 25)) < 0.1)
            #expect(try file.check(shortest: 1).findings.allSatisfy { !$0.isFault })
        }
    }

    /// Six seconds of sound with one second of video: the last frame is held, as players do.
    @Test(arguments: ["mp4", "mkv"]) func theLastPictureIsHeldWhileSoundGoesOn(ending: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(ending)").path
            let writer = try FilmWriter(path, video: picture(), sounds: [sound()])
            for number in 0..<25 { try writer.write(frame: TestFilm.frame(number)) }
            try writer.write(sound: TestFilm.noise(seconds: 6))
            try writer.finish()
            let file = try MediaFile(path)
            #expect(abs(file.duration - 6) < 0.1)
            let frames = try file.readFrames(start: 0.2, duration: 5.5, count: 11, width: 64, height: 32)
            #expect((0..<11).map { TestFilm.number(frames, $0) } == [5, 17] + [Int](repeating: 24, count: 9))
            let findings = try file.check().findings
            #expect(findings.contains { if case .held(0, _, _) = $0 { true } else { false } })
            #expect(findings.allSatisfy { !$0.isFault })
            // Cut short, it is not the same.
            try FilmFiles.truncate(path, to: 0.6)
            if let file = try? MediaFile(path) {
                #expect(try file.check().findings.contains(where: \.isFault))
            }
        }
    }

    /// A file that is another when reading goes back to its start: an error, and the next read is one, too.
    @Test func aFileThatChangesWhileItIsReadIsAnError() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mkv").path
            try TestFilm.write(path, seconds: 3, video: picture(), sounds: [sound("eng", .flac)])
            let file = try MediaFile(path)
            func read() throws -> Waveform { try file.readAudio(track: file.audioTracks[0], start: 0, duration: 1) }
            let before = try read()
            try Data("no film any more".utf8).write(to: URL(fileURLWithPath: path))
            for _ in 0..<2 { #expect(throws: KitError.self) { try read() } }
            try TestFilm.write(path, seconds: 3, video: picture(), sounds: [sound("eng", .flac)])
            #expect(try read() == before)
        }
    }

    // MARK: - Languages and tracks

    /// Matroska's newer element takes the place of the older one.
    @Test func regionsInMatroska() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mkv").path
            try TestFilm.write(
                path, seconds: 2, video: picture(),
                sounds: ["region", "REGION"].map { sound("fra", .flac, title: $0) })
            var data = try bytes(path)
            for (title, tag) in [("region", "fr-CA"), ("REGION", "fr-FR")] {
                // The title's element and this one are equally long.
                let old = Data([0x53, 0x6E, 0x86]) + Data(title.utf8)
                let new = Data([0x22, 0xB5, 0x9D, 0x85]) + Data(tag.utf8)
                data.replaceSubrange(data.range(of: old)!, with: new)
            }
            try data.write(to: URL(fileURLWithPath: path))
            let file = try MediaFile(path)
            #expect(file.audioTracks.map(\.language.description) == ["fr-ca", "fr-fr"])
            #expect(file.audioTracks.map(\.languageTag) == ["fr-CA", "fr-FR"])
            #expect(try file.track(language: Language("fr-FR")).index == 2)
            #expect(throws: KitError.self) { try file.track(language: Language("fr")) }
            // A copy keeps them.
            let copy = folder.appendingPathComponent("copy.mkv").path
            let writer = try FilmCopy(path, to: copy, adding: sound("zxx", .flac))
            var piece: Waveform? = TestFilm.noise(seconds: 2)
            try writer.write {
                defer { piece = nil }
                return piece
            }
            #expect(try MediaFile(copy).audioTracks.map(\.language.description) == ["fr-ca", "fr-fr", "zxx"])
        }
    }

    /// The box `elng` of mp4, put behind the header of the track's media.
    @Test func regionsInMP4() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mp4").path
            try TestFilm.write(path, seconds: 2, video: picture(), sounds: [sound("por")])
            var data = try bytes(path)
            let box = Data([0, 0, 0, 18]) + Data("elng".utf8) + Data([0, 0, 0, 0]) + Data("pt-BR\0".utf8)
            let track = data.range(of: Data("trak".utf8), options: .backwards)!.lowerBound
            let header = data.range(of: Data("mdhd".utf8), in: track..<data.count)!.lowerBound
            let media = data.range(of: Data("mdia".utf8), in: track..<data.count)!.lowerBound
            func size(_ place: Int) -> Int { data[place - 4..<place].reduce(0) { $0 << 8 | Int($1) } }
            let end = header - 4 + size(header)
            for place in [data.range(of: Data("moov".utf8))!.lowerBound, track, media] {
                withUnsafeBytes(of: UInt32(size(place) + box.count).bigEndian) {
                    data.replaceSubrange(place - 4..<place, with: $0)
                }
            }
            data.insert(contentsOf: box, at: end)
            try data.write(to: URL(fileURLWithPath: path))
            #expect(try MediaFile(path).audioTracks.map(\.language.description) == ["pt-br"])
        }
    }

    @Test func manyTracksAreAllThere() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.mkv").path
            let sounds = (0..<140).map { sound("eng", .pcm16, title: "\($0)") }
            try TestFilm.write(path, seconds: 0.2, video: picture(), sounds: sounds)
            #expect(try MediaFile(path).audioTracks.map(\.title) == (0..<140).map { "\($0)" })
        }
    }

    /// Nor are two.
    @Test(arguments: ["cover.m4a", "covers.m4a"]) func aCoverIsNoFilm(name: String) throws {
        let file = try MediaFile(ForeignFilmTests.folder.appendingPathComponent(name).path)
        #expect(file.video == nil && abs(file.duration - 2) < 0.05)
        #expect(try file.check(shortest: 1).findings == [.noVideo])
    }

    /// It reads as a frame of its own size, not as one of 64,000 columns.
    @Test func aShapeOfPixelsBeyondReasonIsNotBelieved() throws {
        let file = try MediaFile(ForeignFilmTests.folder.appendingPathComponent("absurd.mp4").path)
        #expect(file.video?.pixelAspect == 1 && file.video?.squareWidth == 64)
    }

    /// AVI stores when frames are decoded. The last frame is shown later than that, and is part of the film.
    @Test func theLastPictureOfAnAVI() throws {
        let name = "reordered.avi"
        let file = try MediaFile(ForeignFilmTests.folder.appendingPathComponent(name).path)
        let pictures = ForeignFilmTests.films[name]!.pictures
        let last = try file.readFrames(start: file.duration - 0.02, duration: 0.01, count: 1, width: 8, height: 8)
        let mean = last.values.reduce(0) { $0 + Double($1) } / 192
        #expect(abs(mean - (pictures.last![1] - 16) * 255 / 219) < 3, "\(mean)")
        #expect(abs(file.duration - pictures.last![0] - 0.04) < 0.001, "\(file.duration)")
    }
}
