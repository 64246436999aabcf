import Foundation
import Kit
import TestSupport
import Testing

/// Program streams that begin in the middle of a packet and of a group of pictures (made by Tests/Oracle/media.py).
@Suite struct CutProgramStreamTests {
    private static let (width, height, frameCount, length) = (128, 64, 60, 0.04)

    /// The numbers that a film's frames show: a bright stripe is a 1, the first stripe the lowest bit.
    private func numbers(_ file: MediaFile) throws -> [Int] {
        let count = Int((file.duration / Self.length + 0.01).rounded(.down))
        let frames = try file.readFrames(
            start: 0.005, duration: Double(count) * Self.length - 0.005, count: count, width: Self.width,
            height: Self.height, fit: .scale)
        let row = Self.height / 2 * Self.width
        return (0..<count).map { frame in
            (0..<8).reduce(0) { number, bit in
                let pixel = frame * Self.height * Self.width + row + (2 * bit + 1) * Self.width / 16
                return number | (frames.values[pixel * 3 + 1] > 127 ? 1 << bit : 0)
            }
        }
    }

    /// What is read of a film cut at each of 40 places: the frames from a key frame to the last, in order and at their
    /// times. Returns the messages of those that are refused, and the number of those that are read.
    private func cut(_ name: String) throws -> (read: Int, refusals: [String]) {
        let whole = try Data(contentsOf: Fixtures.folder().appendingPathComponent("ffmpeg/\(name)"))
        return try Fixtures.withTemporaryFolder { folder in
            var (read, refusals) = (0, [String]())
            for place in 1..<40 {
                let path = folder.appendingPathComponent("\(place).mpg")
                try whole.dropFirst(whole.count * place / 40).write(to: path)
                do {
                    let file = try MediaFile(path.path)
                    guard file.video != nil else { continue }
                    var found = try numbers(file)
                    // The last frame is held while sound continues.
                    while found.count > 1, found.last == found.dropLast().last { found.removeLast() }
                    #expect(found == Array(Self.frameCount - found.count..<Self.frameCount), "\(name), \(place)")
                    read += 1
                } catch let error as KitError where error.kind == .badData {
                    refusals.append(error.message)
                }
            }
            return (read, refusals)
        }
    }

    /// Decoders of these codecs show the frames before the first key frame in grey; they take no time.
    @Test(arguments: ["cut265.mpg", "cut4.mpg"]) func framesAreShownFromTheFirstKeyFrame(name: String) throws {
        #expect(try cut(name).read >= 15)
    }

    /// Where no timestamp remains for a frame that can be decoded, none is guessed.
    @Test func filmsWithoutATimestampAreRefused() throws {
        let refusals = try cut("sparse4.mpg").refusals
        #expect(refusals.contains { $0.contains("no frame that can be decoded has a timestamp") }, "\(refusals)")
    }
}
