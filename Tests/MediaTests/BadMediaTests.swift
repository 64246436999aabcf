import Foundation
import Kit
import TestSupport
import Testing

/// Files that are not what they should be give an error that says so.
@Suite struct BadMediaTests {
    private func fault(_ body: () throws -> Void) -> KitError? {
        do {
            try body()
            return nil
        } catch { return error as? KitError }
    }

    private func expectFault(_ kind: KitError.Kind, saying part: String = "", _ body: () throws -> Void) {
        let found = fault(body)
        #expect(found?.kind == kind)
        #expect(part.isEmpty || found?.message.contains(part) == true)
    }

    private func withFilm(
        _ ending: String, seconds: Double = 6, hasVideo: Bool = true, codecs: [AudioCodec] = [.aac],
        _ body: (String) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(ending)").path
            let sounds = codecs.map { codec in
                var sound = FilmWriter.Sound()
                sound.codec = codec
                return sound
            }
            try TestFilm.write(
                path, seconds: seconds, video: hasVideo ? .init(width: 64, height: 32) : nil, sounds: sounds)
            try body(path)
        }
    }

    private func patch(_ path: String, _ change: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        change(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test func whatIsNoFileOrNoMedia() throws {
        expectFault(.noInput, saying: "/nowhere/film.mp4") { _ = try MediaFile("/nowhere/film.mp4") }
        try Fixtures.withTemporaryFolder { folder in
            expectFault(.noInput) { _ = try MediaFile(folder.path) }
            for (name, content) in [
                ("empty.mp4", ""), ("text.mp4", String(repeating: "no film at all\n", count: 300)),
                ("list.m3u8", "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"),
                ("list.ffconcat", "ffconcat version 1.0\nfile film.mp4\n"),
            ] {
                let path = folder.appendingPathComponent(name).path
                try content.write(toFile: path, atomically: true, encoding: .utf8)
                let problem = fault { _ = try MediaFile(path) }
                #expect(
                    problem?.kind == .badData && problem?.message.contains(name) == true,
                    "\(name): \(String(describing: problem))")
            }
        }
    }

    @Test func filmWithoutSoundOrPicture() throws {
        try withFilm("mp4", codecs: []) { path in
            let file = try MediaFile(path)
            expectFault(.badData, saying: "no sound track") { _ = try file.track(language: Language("fr")) }
            #expect(try file.check().findings == [.noSound])
        }
        try withFilm("mp4", hasVideo: false) { path in
            let file = try MediaFile(path)
            expectFault(.badData, saying: "has no video") {
                _ = try file.readFrames(start: 0, duration: 1, count: 2, width: 8, height: 8)
            }
            #expect(try file.check().findings == [.noVideo])
        }
    }

    @Test func clipBeyondTheEndNamesBothLengths() throws {
        try withFilm("mp4") { path in
            let file = try MediaFile(path)
            for problem in [
                fault { _ = try file.readFrames(start: 0, duration: 7, count: 2, width: 8, height: 8) },
                fault { _ = try file.readAudio(track: file.audioTracks[0], start: 0, duration: 7) },
            ] {
                #expect(problem?.kind == .badData)
                #expect(problem?.message.contains("7.000 s") == true && problem?.message.contains("6.000 s") == true)
            }
            #expect(
                fault { _ = try file.readAudio(track: file.audioTracks[0], start: -1, duration: 1) }?.kind == .usage)
            #expect(
                fault { _ = try file.readAudio(track: file.audioTracks[0], start: .nan, duration: 1) }?.kind == .usage)
            #expect(
                fault { _ = try file.readFrames(start: 0, duration: 1, count: 0, width: 8, height: 8) }?.kind == .usage)
            #expect(
                fault { _ = try file.readFrames(start: 0, duration: 1, count: 1, width: 8, height: 1 << 40) }?.kind
                    == .usage)
        }
    }

    @Test func truncatedFilmIsNoticedWhereItEnds() throws {
        try withFilm("mkv", seconds: 12) { path in
            try patch(path) { $0 = $0.prefix($0.count / 2) }
            let file = try MediaFile(path)
            #expect(abs(file.duration - 12) < 0.1)
            _ = try file.readFrames(start: 1, duration: 2, count: 4, width: 8, height: 8)
            _ = try file.readAudio(track: file.audioTracks[0], start: 1, duration: 2)
            for problem in [
                fault { _ = try file.readFrames(start: 9, duration: 2, count: 4, width: 8, height: 8) },
                fault { _ = try file.readAudio(track: file.audioTracks[0], start: 9, duration: 2) },
            ] {
                #expect(
                    problem?.kind == .badData && problem?.message.contains("truncated") == true,
                    "\(String(describing: problem))")
            }
            let findings = try file.check().findings
            #expect(findings.filter { if case .endsEarly = $0 { true } else { false } }.count == 2, "\(findings)")
        }
        try withFilm("mp4") { path in
            try patch(path) { $0 = $0.prefix($0.count / 2) }
            expectFault(.badData) { _ = try MediaFile(path) }
        }
    }

    @Test func truncatedSoundIsNoticedOrShorter() throws {
        for (ending, codec) in [
            ("wav", AudioCodec.pcm16), ("flac", .flac), ("mp3", .mp3), ("ogg", .vorbis), ("opus", .opus),
        ] {
            try withFilm(ending, seconds: 12, hasVideo: false, codecs: [codec]) { path in
                try patch(path) { $0 = $0.prefix($0.count / 2) }
                let file = try MediaFile(path)
                _ = try file.readAudio(track: file.audioTracks[0], start: 1, duration: 2)
                // Containers that index their end lose it and become shorter; the others say what they lack.
                #expect(
                    fault { _ = try file.readAudio(track: file.audioTracks[0], start: 9, duration: 2) }?.kind
                        == .badData, "\(ending)")
            }
        }
    }

    @Test func absurdSizesAreRefusedBeforeTheyAreAllocated() throws {
        try withFilm("wav", seconds: 1, hasVideo: false, codecs: [.pcm16]) { path in
            try patch(path) { $0.replaceSubrange(22..<24, with: [0xff, 0xff]) }
            expectFault(.badData) { _ = try MediaFile(path) }
        }
        try withFilm("wav", seconds: 1, hasVideo: false, codecs: [.pcm16]) { path in
            try patch(path) { $0.replaceSubrange(24..<28, with: [0xff, 0xff, 0xff, 0x7f]) }
            expectFault(.badData) { _ = try MediaFile(path) }
        }
        try withFilm("mp4", seconds: 1) { path in
            // The sizes in the video's sample description and in H.264's own header, which decides.
            try patch(path) { data in
                let box = data.range(
                    of: Data("avc1".utf8), in: data.range(of: Data("stsd".utf8))!.upperBound..<data.count)!
                data.replaceSubrange(box.upperBound + 24..<box.upperBound + 28, with: [0xff, 0xff, 0xff, 0xff])
            }
            if let file = try? MediaFile(path) {
                #expect(file.video!.width * file.video!.height <= 8192 * 8192)
            }
        }
    }

    @Test func writingSaysWhatCannotBeWritten() throws {
        try Fixtures.withTemporaryFolder { folder in
            let nowhere = folder.appendingPathComponent("missing/film.mp4").path
            expectFault(.inputOutput) { _ = try FilmWriter(nowhere, sounds: [.init()]) }
            expectFault(.usage) { _ = try FilmWriter(folder.path + "/film.xyz", sounds: [.init()]) }
            expectFault(.usage) { _ = try FilmWriter(folder.path + "/film.mp4") }
            #expect(
                fault { _ = try FilmWriter(folder.path + "/f.mp4", video: .init(width: 33, height: 32)) }?.kind
                    == .usage)
            expectFault(.usage) { try TestFilm.noise(seconds: 0.1).write(folder.path + "/sound.txt") }
            do {
                let writer = try FilmWriter(folder.path + "/film.mp4", sounds: [.init()])
                expectFault(.usage) { try writer.write(sound: TestFilm.noise(seconds: 0.1, rate: 44_100)) }
                expectFault(.usage) { try writer.write(sound: TestFilm.noise(seconds: 0.1), track: 1) }
            }
            // Nothing is left of what was not finished.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }
}
