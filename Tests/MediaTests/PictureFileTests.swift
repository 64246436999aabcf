import Foundation
import Kit
import TestSupport
import Testing

@Suite struct PictureFileTests {
    /// Two pictures, the second one with slopes of all three colours.
    private static let frames: Frames = {
        var frames = Frames(count: 2, height: 24, width: 36)
        for y in 0..<24 {
            for x in 0..<36 {
                let place = ((24 + y) * 36 + x) * 3
                (frames.values[place], frames.values[place + 1]) = (UInt8(x * 7), UInt8(y * 10))
                frames.values[place + 2] = UInt8(255 - x * 3)
            }
        }
        return frames
    }()

    /// The picture as the kit's own reader sees it.
    private static func read(_ bytes: [UInt8], _ ending: String) throws -> [UInt8] {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/picture.\(ending)"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let file = try MediaFile(path)
            let video = try file.requireVideo()
            #expect(video.width == 36 && video.height == 24)
            var values = [UInt8](repeating: 0, count: 24 * 36 * 3)
            try file.readFrames(at: [0], width: 36, height: 24, fit: .stretch, into: &values)
            return values
        }
    }

    @Test func pngIsExact() throws {
        let bytes = try PictureFile.png.bytes(of: 1, Self.frames)
        #expect(bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]))
        #expect(try Self.read(bytes, PictureFile.png.fileExtension) == Array(Self.frames.values[(24 * 36 * 3)...]))
        #expect(try PictureFile.png.bytes(of: 1, Self.frames) == bytes)
    }

    @Test func jpegIsNearAndSmallerWithLessQuality() throws {
        let (good, poor) = (PictureFile.jpeg(quality: 2), PictureFile.jpeg(quality: 25))
        let bytes = try good.bytes(of: 1, Self.frames)
        #expect(bytes.starts(with: [0xff, 0xd8]) && bytes.suffix(2) == [0xff, 0xd9])
        let original = Self.frames.values[(24 * 36 * 3)...]
        let errors = zip(try Self.read(bytes, good.fileExtension), original).map { abs(Int($0) - Int($1)) }
        #expect(errors.reduce(0, +) / errors.count < 4)
        #expect(try poor.bytes(of: 1, Self.frames).count < bytes.count)
        #expect(try good.bytes(of: 1, Self.frames) == bytes)
    }
}
