import Foundation
import Kit
import TestSupport
import Testing

@Suite struct AudioReadingTests {
    /// A container, a codec, and how far a stretch may differ from the same stretch of a full decode (of the peak).
    struct Case: CustomStringConvertible, Sendable {
        var ending: String
        var codec: AudioCodec
        var rate = 48_000
        var tolerance: Float = 0
        var description: String { "\(ending) \(codec) \(rate)" }
    }

    static let cases = [
        Case(ending: "mp4", codec: .aac), Case(ending: "mp4", codec: .aac, rate: 44_100, tolerance: 1e-5),
        Case(ending: "mp4", codec: .opus, tolerance: 1e-5), Case(ending: "mp4", codec: .mp3, tolerance: 1e-6),
        Case(ending: "mp4", codec: .ac3, tolerance: 1e-2),
        Case(ending: "mov", codec: .aac), Case(ending: "mov", codec: .pcm16),
        Case(ending: "mkv", codec: .aac), Case(ending: "mkv", codec: .aac, rate: 44_100, tolerance: 1e-5),
        Case(ending: "mkv", codec: .opus, tolerance: 1e-5), Case(ending: "mkv", codec: .flac),
        Case(ending: "mkv", codec: .vorbis, tolerance: 1e-5), Case(ending: "mkv", codec: .mp3, tolerance: 1e-6),
        Case(ending: "mkv", codec: .ac3, tolerance: 1e-2), Case(ending: "mkv", codec: .pcm16),
        Case(ending: "avi", codec: .mp3, tolerance: 1e-6), Case(ending: "avi", codec: .pcm16),
        Case(ending: "wav", codec: .pcmFloat), Case(ending: "wav", codec: .pcm16, rate: 22_050, tolerance: 1e-5),
        Case(ending: "flac", codec: .flac), Case(ending: "ogg", codec: .vorbis, tolerance: 1e-5),
        Case(ending: "opus", codec: .opus, tolerance: 1e-5), Case(ending: "mp3", codec: .mp3, tolerance: 1e-6),
        Case(ending: "mp3", codec: .mp3, rate: 44_100, tolerance: 1e-5),
        Case(ending: "ogg", codec: .opus, tolerance: 1e-5), Case(ending: "aac", codec: .aac),
        Case(ending: "webm", codec: .vorbis, tolerance: 1e-5), Case(ending: "webm", codec: .opus, tolerance: 1e-5),
        Case(ending: "mka", codec: .opus, tolerance: 1e-5), Case(ending: "mka", codec: .ac3, tolerance: 1e-2),
        Case(ending: "ts", codec: .mp3, tolerance: 1e-6), Case(ending: "ts", codec: .aac),
        Case(ending: "ts", codec: .opus, tolerance: 1e-5), Case(ending: "mov", codec: .mp3, tolerance: 1e-6),
        Case(ending: "avi", codec: .aac), Case(ending: "avi", codec: .ac3, tolerance: 1e-2),
        Case(ending: "flv", codec: .mp3, tolerance: 1e-6), Case(ending: "m4a", codec: .aac),
        Case(ending: "ogg", codec: .flac),
    ]

    static let soundOnly = ["wav", "flac", "ogg", "opus", "mp3", "aac", "webm", "mka", "m4a"]

    /// AAC with noise substitution in Matroska, whose index grows during reading: wherever a seek ends, the same noise
    /// is drawn.
    @Test func whatWasReadBeforeChangesNoBit() throws {
        let path = Fixtures.folder().appendingPathComponent("ffmpeg/substituted.mkv").path
        var random = RandomStream(seed: 4)
        for _ in 0..<60 {
            let file = try MediaFile(path)
            let track = file.audioTracks[0]
            for _ in 0..<2 { _ = try file.readAudio(track: track, start: random.uniform(0, 2.6), duration: 0.3) }
            let start = random.uniform(0, 2.6)
            let again = try file.readAudio(track: track, start: start, duration: 0.3)
            let alone = try MediaFile(path).readAudio(track: track, start: start, duration: 0.3)
            #expect(again.values == alone.values, "at \(start)")
        }
    }

    @Test(arguments: cases)
    func anyStretchEqualsTheFullDecode(_ it: Case) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(it.ending)").path
            var sound = FilmWriter.Sound()
            sound.codec = it.codec
            sound.sampleRate = it.rate
            let hasVideo = !Self.soundOnly.contains(it.ending)
            try TestFilm.write(
                path, seconds: 12, video: hasVideo ? .init(width: TestFilm.width, height: TestFilm.height) : nil,
                sounds: [sound])
            let file = try MediaFile(path)
            let track = file.audioTracks[0]
            #expect(abs(file.duration - 12) < 0.1, "\(file.duration)")
            let whole = try MediaFile(path).readAudio(track: track, start: 0, duration: min(12, file.duration))
            var random = RandomStream(seed: 9)
            var worst: Float = 0
            for i in 0..<12 {
                let start = i < 3 ? Double(i) * 0.01 : random.uniform(0, 11.4)
                let part = try file.readAudio(track: track, start: start, duration: 0.5)
                #expect(part.count == 24_000)
                let first = Int((start * 48_000).rounded())
                // A start between two samples may fall on either.
                let apart = (-1...1).map { shift in
                    let from = max(0, first + shift)
                    return (0..<2).map {
                        TestFilm.difference(whole[channel: $0].dropFirst(from).prefix(24_000), part[channel: $0])
                    }.max()!
                }.min()!
                worst = max(worst, apart)
            }
            #expect(worst <= it.tolerance)
        }
    }
}
