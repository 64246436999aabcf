import Foundation
import Kit
import TestSupport
import Testing

@Suite struct ImageFileTests {
    /// Two images, the second with slopes of all three colours.
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

    /// Two bytes, the larger first.
    private static func number(_ bytes: [UInt8], at place: Int) -> Int {
        Int(bytes[place]) << 8 | Int(bytes[place + 1])
    }

    @Test func pngSaysItsSizeAndIsWhole() throws {
        let bytes = try ImageFile.png.bytes(of: 1, Self.frames)
        #expect(bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
        #expect(Self.number(bytes, at: 18) == 36 && Self.number(bytes, at: 22) == 24)
        // Eight bits each of red, green and blue; the end is there.
        #expect(bytes[24] == 8 && bytes[25] == 2)
        #expect(bytes.suffix(8).prefix(4).elementsEqual("IEND".utf8))
        #expect(try ImageFile.png.bytes(of: 1, Self.frames) == bytes)
        #expect(try ImageFile.png.bytes(of: 0, Self.frames).count < bytes.count)
    }

    @Test func jpegSaysItsSizeAndIsSmallerWithLessQuality() throws {
        let (good, poor) = (ImageFile.jpeg(quality: 2), ImageFile.jpeg(quality: 25))
        let bytes = try good.bytes(of: 1, Self.frames)
        #expect(bytes.starts(with: [0xff, 0xd8]) && bytes.suffix(2) == [0xff, 0xd9])
        let frame = try #require(bytes.indices.dropLast(8).first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 })
        #expect(Self.number(bytes, at: frame + 5) == 24 && Self.number(bytes, at: frame + 7) == 36)
        #expect(try poor.bytes(of: 1, Self.frames).count < bytes.count)
        #expect(try good.bytes(of: 1, Self.frames) == bytes)
    }
}
