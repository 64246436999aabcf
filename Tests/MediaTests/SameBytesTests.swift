import Foundation
import Kit
import TestSupport
import Testing

/// The same input gives the same bytes, whatever the memory that encoders get held before.
@Suite struct SameBytesTests {
    /// Soft blobs that drift over a gradient: what rate control looks ahead for.
    private static func frames(_ count: Int) -> Frames {
        var frames = Frames(count: count, height: 180, width: 320)
        var index = 0
        for frame in 0..<count {
            for row in 0..<180 {
                for column in 0..<320 {
                    let (x, y, t) = (Double(column) / 40, Double(row) / 40, Double(frame) / 8)
                    for channel in 0..<3 {
                        let wave = sin(x + t * Double(channel + 1)) * cos(y * 1.3 - t) + 0.3 * sin(7 * x * y + t)
                        frames.values[index] = UInt8(min(max(128 + 80 * wave, 0), 255))
                        index += 1
                    }
                }
            }
        }
        return frames
    }

    @Test(arguments: [("film.mp4", AudioCodec.aac), ("film.mkv", .opus)])
    func filmsWrittenOneAfterTheOtherAreEqual(name: String, codec: AudioCodec) throws {
        let frames = Self.frames(40)
        try Fixtures.withTemporaryFolder { folder in
            var files: Set<Data> = []
            for _ in 0..<6 {
                let path = folder.appendingPathComponent(name).path
                var picture = FilmWriter.VideoFormat(width: frames.width, height: frames.height)
                picture.frameRate = 12.5
                picture.rateFactor = 32
                var sound = FilmWriter.Sound()
                sound.codec = codec
                let writer = try FilmWriter(path, video: picture, sounds: [sound])
                try writer.write(frames: frames)
                try writer.write(sound: TestFilm.noise(seconds: 3.2))
                try writer.finish()
                files.insert(try Data(contentsOf: URL(fileURLWithPath: path)))
            }
            #expect(files.count == 1)
        }
    }
}
