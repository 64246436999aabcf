import Foundation
import Kit
import TestSupport
import Testing

/// Sound is where it was put on the video's timeline, to the sample.
@Suite struct AlignmentTests {
    struct Case: CustomStringConvertible, Sendable {
        var ending: String
        var codec: AudioCodec
        var rate = 48_000
        var channels = 2
        var pictureStart = 0.0
        var soundStarts = [0.0, 0.0]
        var description: String {
            "\(ending) \(codec) \(rate) Hz, picture at \(pictureStart), sounds at \(soundStarts)"
        }
    }

    static let cases = [
        Case(ending: "mp4", codec: .aac), Case(ending: "mp4", codec: .aac, soundStarts: [0.1, 0.7]),
        Case(ending: "mp4", codec: .aac, pictureStart: 0.25, soundStarts: [0, 0.4]),
        Case(ending: "mp4", codec: .aac, rate: 44_100, soundStarts: [0.3, 0]),
        Case(ending: "mp4", codec: .opus, soundStarts: [0, 0.5]),
        Case(ending: "mp4", codec: .mp3, soundStarts: [0, 0.5]),
        Case(ending: "mp4", codec: .ac3, soundStarts: [0.2, 0]),
        Case(ending: "mp4", codec: .flac, soundStarts: [0, 0.5]),
        Case(ending: "mov", codec: .pcm16, soundStarts: [0.2, 0]),
        Case(ending: "3gp", codec: .aac, rate: 44_100, soundStarts: [0.3, 0]),
        Case(ending: "f4v", codec: .aac, soundStarts: [0.1, 0.7]),
        Case(ending: "mkv", codec: .aac), Case(ending: "mkv", codec: .aac, soundStarts: [0.1, 0.7]),
        Case(ending: "mkv", codec: .aac, pictureStart: 0.25, soundStarts: [0, 0.4]),
        Case(ending: "mkv", codec: .aac, rate: 44_100, soundStarts: [0.3, 0]),
        Case(ending: "mkv", codec: .opus), Case(ending: "mkv", codec: .opus, soundStarts: [0.13, 0.7]),
        Case(ending: "mkv", codec: .opus, channels: 1, pictureStart: 0.25, soundStarts: [0, 0.4]),
        Case(ending: "mkv", codec: .flac, soundStarts: [0.2, 0]),
        Case(ending: "mkv", codec: .mp3, soundStarts: [0.2, 0]),
        Case(ending: "mkv", codec: .ac3, soundStarts: [0.2, 0]),
        Case(ending: "mkv", codec: .pcm16, soundStarts: [0.2, 0]),
        Case(ending: "webm", codec: .opus, soundStarts: [0.2, 0]), Case(ending: "avi", codec: .pcm16),
    ]

    @Test(arguments: cases)
    func soundIsWhereItWasPut(_ it: Case) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(it.ending)").path
            var picture = FilmWriter.VideoFormat(width: TestFilm.width, height: TestFilm.height)
            picture.start = it.pictureStart
            let sounds = it.soundStarts.map { start in
                var sound = FilmWriter.Sound()
                sound.codec = it.codec
                sound.sampleRate = it.rate
                sound.channels = it.channels
                sound.start = start
                sound.bitRate = 192_000
                return sound
            }
            let hasVideo = it.ending != "webm"
            let originals = try TestFilm.write(path, seconds: 6, video: hasVideo ? picture : nil, sounds: sounds)
            let file = try MediaFile(path)
            let zero = hasVideo ? it.pictureStart : it.soundStarts.min()!
            for (track, original) in zip(file.audioTracks, originals) {
                let whole = try original.resampled(to: 48_000)
                let start = it.soundStarts[track.index - (hasVideo ? 1 : 0)]
                for time in [1.0, 3.987654] {
                    let part = try file.readAudio(track: track, start: time, duration: 0.1)
                    let expected = Int(((time + zero - start) * 48_000).rounded())
                    for channel in 0..<it.channels {
                        let lag = TestFilm.lag(of: part[channel: channel], in: whole[channel: channel], at: expected)
                        #expect(abs(lag) <= 1, "\(it) track \(track.index) at \(time): off by \(lag) samples")
                    }
                }
                // Before its start a track is silent.
                if start > zero + 0.1 {
                    let before = try file.readAudio(track: track, start: 0, duration: start - zero - 0.05)
                    #expect(before.values.allSatisfy { abs($0) < 1e-3 })
                }
            }
        }
    }
}
