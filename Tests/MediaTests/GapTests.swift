import Foundation
import Kit
import TestSupport
import Testing

/// Places in the middle of a film where something is missing: `data check` names them.
@Suite struct GapTests {
    private func sound(_ codec: AudioCodec) -> FilmWriter.Sound {
        var sound = FilmWriter.Sound()
        (sound.language, sound.codec) = (Language(tag: "eng"), codec)
        return sound
    }

    private func gaps(_ path: String) throws -> [(stream: Int, from: Double, to: Double)] {
        let findings = try MediaFile(path).check().findings
        #expect(findings.allSatisfy { !$0.isFault || "\($0)".contains("cannot be decoded") }, "\(findings)")
        return findings.compactMap {
            if case .gap(let stream, let from, let to, _) = $0 { (stream, from, to) } else { nil }
        }
    }

    private func edit(_ path: String, _ change: (inout Data) throws -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        try change(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// The streams with a gap in a film whose bytes were changed. The film has different frames and a key frame every
    /// 0.4 s; before the change, it must have no gap.
    private func gapsOfFilm(_ name: String, seconds: Double, edit change: (inout Data) throws -> Void) throws -> [Int] {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent(name).path
            var video = FilmWriter.VideoFormat(width: TestFilm.width, height: TestFilm.height)
            (video.keyInterval, video.rateFactor, video.frameRate) = (10, 4, 25)
            try TestFilm.write(path, seconds: seconds, video: video, sounds: [sound(.mp3)])
            #expect(try gaps(path).isEmpty)
            try edit(path, change)
            return try gaps(path).map(\.stream).sorted()
        }
    }

    /// Pages with wrong checksums are skipped.
    @Test(arguments: [AudioCodec.vorbis, .opus]) func aPageOfOgg(codec: AudioCodec) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("sound.ogg").path
            try TestFilm.write(path, seconds: 6, video: nil, sounds: [sound(codec)])
            #expect(try gaps(path).isEmpty)
            try edit(path) { data in
                let pages = data.indices.dropLast(4).filter { data[$0..<$0 + 4] == Data("OggS".utf8) }
                data[pages[pages.count / 2] + 40] ^= 0xFF
            }
            let found = try gaps(path)
            #expect(found.count == 1 && found[0].stream == 0 && found[0].from > 0.5 && found[0].to < 5.5, "\(found)")
        }
    }

    @Test func packetsOfATransportStream() throws {
        let streams = try gapsOfFilm("film.ts", seconds: 6) { data in
            let packets = data.count / 188
            data.removeSubrange(packets * 2 / 5 * 188..<packets * 3 / 5 * 188)
        }
        #expect(streams == [0, 1])
    }

    @Test func aClusterOfMatroska() throws {
        let streams = try gapsOfFilm("film.mkv", seconds: 20) { data in
            let clusters = data.indices.dropLast(4).filter { data[$0..<$0 + 4] == Data([0x1F, 0x43, 0xB6, 0x75]) }
            #expect(clusters.count > 2)
            // The same number of bytes in an element that readers skip.
            data.replaceSubrange(clusters[1]..<clusters[1] + 4, with: [0x40, 0x00, 0x40, 0x00])
            data.replaceSubrange(
                clusters[1] + 4..<clusters[2], with: Data(repeating: 0, count: clusters[2] - clusters[1] - 4))
        }
        #expect(streams == [0, 1])
    }

    /// Slides have no fixed rate, and one frame of moving video may be held.
    @Test(arguments: ["mp4", "mkv"], [true, false]) func heldPicturesAreNoDamage(ending: String, isSlides: Bool) throws
    {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(ending)").path
            var picture = FilmWriter.VideoFormat(width: TestFilm.width, height: TestFilm.height)
            picture.frameRate = 25
            let writer = try FilmWriter(path, video: picture, sounds: [sound(.aac)])
            let slides = [0, 0.04, 0.08, 1, 2.4, 2.44, 3.6, 3.64, 3.68, 3.72, 6, 6.8, 6.84, 9, 9.04]
            let moving = (0..<50).map { Double($0) / 25 } + (0..<50).map { 7 + Double($0) / 25 }
            for (number, time) in (isSlides ? slides : moving).enumerated() {
                try writer.write(frame: TestFilm.frame(number), at: time)
            }
            try writer.write(sound: TestFilm.noise(seconds: 9.1))
            try writer.finish()
            #expect(try gaps(path).isEmpty)
        }
    }
}
