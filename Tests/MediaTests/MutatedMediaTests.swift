import Foundation
import Kit
import TestSupport
import Testing

/// Damaged files are read or refused; nothing crashes or runs on for ever.
@Suite struct MutatedMediaTests {
    struct Case: CustomStringConvertible, Sendable {
        var ending: String
        var codec: AudioCodec
        var hasVideo = false
        var description: String { "\(ending) \(codec)" }
    }

    static let cases = [
        Case(ending: "wav", codec: .pcm16), Case(ending: "flac", codec: .flac), Case(ending: "ogg", codec: .vorbis),
        Case(ending: "opus", codec: .opus), Case(ending: "mp3", codec: .mp3),
        Case(ending: "mp4", codec: .aac, hasVideo: true), Case(ending: "mkv", codec: .opus, hasVideo: true),
        Case(ending: "avi", codec: .mp3, hasVideo: true),
    ]

    @Test(arguments: cases)
    func mutantsAreReadOrRefused(_ it: Case) throws {
        try Fixtures.withTemporaryFolder { folder in
            let whole = folder.appendingPathComponent("whole.\(it.ending)").path
            var sound = FilmWriter.Sound()
            sound.codec = it.codec
            try TestFilm.write(
                whole, seconds: 2, video: it.hasVideo ? .init(width: 64, height: 32) : nil, sounds: [sound])
            let original = try Data(contentsOf: URL(fileURLWithPath: whole))
            var random = RandomStream(seed: 11).derived(it.description)
            let mutants = Int(ProcessInfo.processInfo.environment["DUBKIT_TEST_MUTANTS"] ?? "") ?? 50
            var (read, refused) = (0, 0)
            for number in 0..<mutants {
                let path = folder.appendingPathComponent("mutant.\(it.ending)").path
                try mutated(original, number, &random).write(to: URL(fileURLWithPath: path))
                do {
                    try use(path)
                    read += 1
                } catch let error as KitError {
                    #expect(error.kind == .badData, "mutant \(number): \(error)")
                    refused += 1
                }
            }
            // If all were the one or the other, the mutations would prove nothing.
            #expect(read > 0 && refused > 0, "\(read) read, \(refused) refused")
        }
    }

    private func use(_ path: String) throws {
        let file = try MediaFile(path)
        _ = try file.check()
        let length = min(file.duration, 1)
        let start = max(0, file.duration - length) / 2
        if file.video != nil {
            _ = try file.readFrames(start: start, duration: length, count: 3, width: 16, height: 16)
        }
        for track in file.audioTracks { _ = try file.readAudio(track: track, start: start, duration: length) }
    }

    private func mutated(_ original: Data, _ number: Int, _ random: inout RandomStream) -> Data {
        var data = original
        // Headers, where a byte does most harm, are hit as often as all the rest.
        let reach = number % 2 == 0 ? min(data.count, 600) : data.count
        switch number % 5 {
        case 4: data = data.prefix(random.index(below: data.count))
        case 3:
            let first = random.index(below: data.count)
            let length = min(data.count - first, 1 + random.index(below: 500))
            let to = random.index(below: data.count)
            data.insert(contentsOf: data[first..<first + length], at: to)
        default:
            for _ in 0...random.index(below: 12) {
                data[random.index(below: reach)] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        return data
    }
}
