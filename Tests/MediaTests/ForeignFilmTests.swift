import Foundation
import Kit
import TestSupport
import Testing

/// Films made by ffmpeg, against its own full decode of them (Tests/Oracle/media.py).
@Suite struct ForeignFilmTests {
    struct Film: Decodable {
        struct Track: Decodable {
            struct Stretch: Decodable {
                /// Samples at 48 kHz from the first frame.
                var sample: Int
                var left, right: [Float]
            }
            var index, samples: Int
            var stretches: [Stretch]
        }
        /// Time from the first frame, mean brightness.
        var pictures: [[Double]]
        var tracks: [Track]
    }

    static let folder = Fixtures.folder().appendingPathComponent("ffmpeg")
    static let films: [String: Film] = {
        let data = try! Data(contentsOf: folder.appendingPathComponent("films.json"))
        return try! JSONDecoder().decode([String: Film].self, from: data)
    }()
    static let names = films.keys.sorted()

    @Test(arguments: names) func soundIsWhereFfmpegHasIt(name: String) throws {
        let file = try MediaFile(Self.folder.appendingPathComponent(name).path)
        let film = Self.films[name]!
        #expect(file.audioTracks.map(\.index) == film.tracks.map(\.index))
        for it in film.tracks {
            let track = try file.track(index: it.index)
            for stretch in it.stretches {
                // Nothing before the first frame can be read.
                let cut = max(0, -stretch.sample)
                let wanted = stretch.left.count - cut
                guard wanted > 0 else { continue }
                let sound = try file.readAudio(
                    track: track, start: Double(stretch.sample + cut) / 48_000, duration: Double(wanted) / 48_000)
                for (channel, values) in [stretch.left, stretch.right].enumerated() {
                    let worst = zip(sound[channel: channel], values.dropFirst(cut)).map { abs($0 - $1) }.max()!
                    #expect(worst < 1e-4, "\(name) #\(it.index) channel \(channel) at \(stretch.sample): \(worst)")
                }
            }
        }
    }

    @Test(arguments: names) func picturesAreThoseThatFfmpegShows(name: String) throws {
        let film = Self.films[name]!
        guard !film.pictures.isEmpty else { return }
        let file = try MediaFile(Self.folder.appendingPathComponent(name).path)
        var random = RandomStream(seed: 3)
        for round in 0..<12 {
            let length = min(file.duration, 0.2 + Double(round) * 0.1)
            let start = random.uniform(0, file.duration - length)
            let frames = try file.readFrames(start: start, duration: length, count: 6, width: 8, height: 8)
            for i in 0..<6 {
                let time = start + length * Double(i) / 6
                // Between two stamps that rounding may swap there is nothing to decide.
                guard film.pictures.allSatisfy({ abs($0[0] - time) > 0.0011 }) else { continue }
                let expected = (film.pictures.last { $0[0] <= time } ?? film.pictures[0])[1]
                let mean = frames.values[i * 192..<(i + 1) * 192].reduce(0) { $0 + Double($1) } / 192
                // Brightness 16...235 of video is 0...255 of RGB.
                #expect(
                    abs(mean - (expected - 16) * 255 / 219) < 3 || abs(mean - expected) < 3,
                    "\(name) at \(time): \(mean), \(expected)")
            }
        }
    }

    /// Of whole films nothing is said to be damaged, truncated or missing.
    @Test(arguments: [("late.mpg", 2.0), ("uneven.mpg", 2.006)])
    func programStreamsAreWhole(name: String, seconds: Double) throws {
        let file = try MediaFile(Self.folder.appendingPathComponent(name).path)
        let film = Self.films[name]!
        // The end of the last picture, and of the sound.
        #expect(abs(file.duration - seconds) < 0.001, "\(file.duration)")
        for finding in try file.check(shortest: 1).findings {
            switch finding {
            case .offset, .noLanguage: break
            default: Issue.record("\(name): \(finding)")
            }
        }
        let track = try file.track(index: film.tracks[0].index)
        #expect(try file.readAudio(track: track, start: 0, duration: file.duration).count > 0)
    }

    @Test func turnedFilmIsShownUpright() throws {
        let file = try MediaFile(Self.folder.appendingPathComponent("turned.mp4").path)
        #expect(file.video?.width == 48 && file.video?.height == 64)
        let frames = try file.readFrames(start: 0, duration: 1, count: 1, width: 48, height: 64, fit: .scale)
        func isBright(_ row: Int, _ column: Int) -> Bool { frames.values[(row * 48 + column) * 3] > 128 }
        // Stored with its upper left quarter bright; ffmpeg, which rotates by itself, says where that ends up.
        let corners = [isBright(10, 10), isBright(10, 38), isBright(54, 10), isBright(54, 38)]
        #expect(corners == Self.uprightCorners)
    }

    /// ffmpeg -i turned.mp4: bright at the upper left, upper right, lower left, lower right.
    static let uprightCorners = [false, false, true, false]
}
