import Foundation
import Kit
import TestSupport
import Testing

@Suite struct FrameReadingTests {
    @Test(arguments: ["mp4", "mkv", "mov"], [0, 3])
    func findsThePictureShownAtAnyTime(ending: String, reordered: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(ending)").path
            var picture = FilmWriter.VideoFormat(width: TestFilm.width, height: TestFilm.height)
            picture.reorderedFrames = reordered
            picture.frameRate = 25
            try TestFilm.write(path, seconds: 8, video: picture)
            let file = try MediaFile(path)
            #expect(abs(file.duration - 8) < 0.002)
            var random = RandomStream(seed: 5)
            for _ in 0..<30 {
                let start = random.uniform(0, 5.9)
                let frames = try file.readFrames(start: start, duration: 2, count: 7, width: 32, height: 16)
                for i in 0..<7 {
                    let time = start + 2 * Double(i) / 7
                    // Stamps in Matroska are whole milliseconds.
                    if ending == "mkv", abs((time * 25).rounded() - time * 25) < 0.015 { continue }
                    #expect(TestFilm.number(frames, i) == Int(time * 25), "\(ending) at \(time)")
                }
            }
        }
    }
}
