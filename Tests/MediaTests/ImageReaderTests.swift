import Foundation
import Kit
import TestSupport
import Testing

@Suite struct ImageReaderTests {
    /// Smooth colours, so that JPEG stays close.
    private static let frames: Frames = {
        var frames = Frames(count: 1, height: 24, width: 40)
        for index in frames.values.indices {
            let (pixel, channel) = (index / 3, index % 3)
            let (row, column) = (pixel / 40, pixel % 40)
            frames.values[index] = UInt8([column * 6, row * 10, 255 - column * 3 - row * 4][channel])
        }
        return frames
    }()

    private static func file(_ kind: ImageFile, in folder: URL) throws -> String {
        let path = folder.appendingPathComponent("image.\(kind.fileExtension)").path
        try AtomicFile.write(Data(try kind.bytes(of: 0, frames)), to: path)
        return path
    }

    @Test func imagesComeBack() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(try ImageReader.read(Self.file(.png, in: folder)) == Self.frames)
            let jpeg = try ImageReader.read(Self.file(.jpeg(quality: 2), in: folder))
            let errors = zip(jpeg.values, Self.frames.values).map { abs(Int($0) - Int($1)) }
            let mean = Double(errors.reduce(0, +)) / Double(errors.count)
            #expect(jpeg.width == 40 && jpeg.height == 24 && mean < 4, "\(mean)")
            let small = try ImageReader.read(Self.file(.png, in: folder), width: 12, height: 12)
            // The centre 24 x 24 of the image, halved.
            #expect(small.width == 12 && abs(Int(small.values[0]) - 8 * 6 - 3) < 4, "\(small.values[0])")
        }
    }

    /// EXIF data with nothing but the orientation, put behind a JPEG file's first marker or a PNG file's first chunk.
    @Test(arguments: 1...8) func exifTurnsImages(number: Int) throws {
        let tiff: [UInt8] =
            Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1] + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(number), 0, 0]
            + [0, 0, 0, 0]
        // The same with the least significant byte first, as cameras and Pillow write both.
        let little: [UInt8] =
            Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0] + [0x12, 0x01, 3, 0, 1, 0, 0, 0, UInt8(number), 0, 0, 0]
            + [0, 0, 0, 0]
        for data in [tiff, little] {
            let named = Array("eXIf".utf8) + data
            let checksum = withUnsafeBytes(of: ReflectedCRC.zip.of(named).bigEndian) { Array($0) }
            try expectTurned(by: number, .png, start: 33, [0, 0, 0, UInt8(data.count)] + named + checksum)
        }
        let content = Array("Exif".utf8) + [0, 0] + tiff
        try expectTurned(
            by: number, .jpeg(quality: 2), start: 2, [0xff, 0xe1, 0, UInt8(content.count + 2)] + content)
    }

    private func expectTurned(by number: Int, _ kind: ImageFile, start: Int, _ exif: [UInt8]) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = try Self.file(kind, in: folder)
            let plain = try ImageReader.read(path)
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            try Data(bytes.prefix(start) + exif + bytes.dropFirst(start)).write(to: URL(fileURLWithPath: path))
            let turned = try ImageReader.read(path)
            #expect(turned.width == (number > 4 ? 24 : 40) && turned.height == (number > 4 ? 40 : 24))
            // Where the first and the second corner of the stored image are shown, after EXIF's table.
            let (bottom, right) = (turned.height - 1, turned.width - 1)
            let corners: [(first: (Int, Int), second: (Int, Int))] = [
                ((0, 0), (0, right)), ((0, right), (0, 0)), ((bottom, right), (bottom, 0)),
                ((bottom, 0), (bottom, right)),
                ((0, 0), (bottom, 0)), ((0, right), (bottom, right)), ((bottom, right), (0, right)),
                ((bottom, 0), (0, 0)),
            ]
            func pixel(_ frames: Frames, _ place: (Int, Int)) -> [UInt8] {
                let start = (place.0 * frames.width + place.1) * 3
                return Array(frames.values[start..<start + 3])
            }
            #expect(pixel(turned, corners[number - 1].first) == pixel(plain, (0, 0)))
            #expect(pixel(turned, corners[number - 1].second) == pixel(plain, (0, plain.width - 1)))
        }
    }

    @Test func damageIsNamed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = try Self.file(.png, in: folder)
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in stride(from: 1, to: good.count - 13, by: 7) {
                try good.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(throws: KitError.self, "cut to \(length)") { try ImageReader.read(path) }
            }
            // What is missing of a JPEG file would be filled.
            let jpeg = try Self.file(.jpeg(quality: 2), in: folder)
            try Data(contentsOf: URL(fileURLWithPath: jpeg)).dropLast(6).write(to: URL(fileURLWithPath: jpeg))
            let cut = #expect(throws: KitError.self) { try ImageReader.read(jpeg) }
            #expect(cut?.message == "image.jpg: is truncated: it has no end")
            // A WAV file is a RIFF file, as WebP files are.
            for content in ["no image", "RIFF\u{24}\0\0\0WAVEfmt "] {
                try Data(content.utf8).write(to: URL(fileURLWithPath: path))
                let error = #expect(throws: KitError.self) { try ImageReader.read(path) }
                let words = "image.png: is not an image that can be read; formats are PNG, JPEG, BMP, WebP"
                #expect(error?.message == words)
            }
            let missing = #expect(throws: KitError.self) { try ImageReader.read("\(path).none") }
            #expect(missing?.kind == .noInput)
        }
    }
}
