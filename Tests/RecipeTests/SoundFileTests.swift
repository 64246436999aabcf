import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Sound files written and read back by a recipe.
@Suite struct SoundFileTests {
    private func run(_ chunk: String, in folder: URL) throws -> [Tensor] {
        let lua = try LuaState()
        try lua.setGlobal("folder", .string(folder.path + "/"))
        let sound = """
            local line = kit.tensor.linspace { stop = 400, count = 24000 }
            local left, right = (line * 2):sin() * 0.5, (line * 3):cos() * 0.25
            local sound = kit.tensor.stack { left, right, axis = 2 }
            local function back(name) return kit.media.read_audio { path = folder .. name, sample_rate = 24000 } end
            local function write(name, samples)
              kit.media.write_audio { path = folder .. name, samples = samples or sound, sample_rate = 24000 }
            end

            """
        return try lua.run(chunk: sound + chunk, name: "@recipe.lua").map {
            try ObjectOption<Tensor>(option: $0).object
        }
    }

    private func difference(_ a: Tensor, _ b: Tensor) -> Float {
        zip(a.values, b.values).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test(arguments: [("a.wav", Float(0)), ("a.flac", 1.2e-7), ("a.ogg", 0.05), ("a.WAV", 0)])
    func readsBackAsItWasWritten(name: String, tolerance: Float) throws {
        try Fixtures.withTemporaryFolder { folder in
            let tensors = try run("write '\(name)' return sound, back '\(name)'", in: folder)
            #expect(tensors[1].shape == [24_000, 2])
            #expect(difference(tensors[0], tensors[1]) <= tolerance)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [name])
        }
    }

    /// Their codecs begin late and end with a whole frame. The sound must keep its place, at the requested rate and in
    /// the requested channels, and nothing of the last frame's padding may be left.
    @Test(arguments: [("a.opus", 0.05), ("a.mp3", 0.1), ("a.m4a", 0.1)], [24_000, 48_000])
    func lossyFilesKeepTimeAndChannels(file: (name: String, tolerance: Double), rate: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            // Bursts, so that sound that came late or early would not resemble itself.
            let values = try run(
                """
                local envelope = ((line * 0.05):sin() ^ 2) * 0.5
                local bursts = kit.tensor.stack { (line * 2):sin() * envelope, (line * 3):cos() * envelope * 0.5, axis = 2 }
                local path = folder .. '\(file.name)'
                kit.media.write_audio { path = path, samples = bursts, sample_rate = \(rate) }
                return bursts, kit.media.read_audio { path = path, sample_rate = \(rate) }
                """, in: folder)
            let (written, read) = (values[0], values[1])
            let path = folder.appendingPathComponent(file.name).path
            let track = try #require(try MediaFile(path).audioTracks.first)
            #expect(track.sampleRate == (file.name.hasSuffix("opus") ? 48_000 : rate) && track.channels == 2)
            let extra = read.shape[0] - written.shape[0]
            #expect(read.shape[1] == 2 && (0...1).contains(extra), "\(read.shape)")
            for channel in 0..<2 {
                func energy(of sound: Tensor, less other: Tensor? = nil) -> Double {
                    (0..<written.shape[0]).reduce(0) { sum, row in
                        let value = sound.values[2 * row + channel] - (other?.values[2 * row + channel] ?? 0)
                        return sum + Double(value * value)
                    }
                }
                let error = (energy(of: read, less: written) / energy(of: written)).squareRoot()
                #expect(error < file.tolerance, "\(file.name), \(rate) Hz, channel \(channel): \(error)")
            }
        }
    }

    /// Of a stream that ends before its last packet does, libavformat says that the packet lasts a day. FFmpeg, too, cuts such a
    /// sound to a whole block, or lets it end with one.
    @Test(arguments: [2400, 4800, 33_600], [16_000, 48_000]) func aShortOggFileIsOneRecording(count: Int, rate: Int)
        throws
    {
        try Fixtures.withTemporaryFolder { folder in
            let values = try run(
                """
                local short = kit.tensor.normal { \(count), 2, seed = 3 } * 0.1
                kit.media.write_audio { path = folder .. "a.ogg", samples = short, sample_rate = \(rate) }
                return kit.media.read_audio { path = folder .. "a.ogg", sample_rate = \(rate) }
                """, in: folder)
            #expect(abs(values[0].shape[0] - count) < 512, "\(values[0].shape)")
        }
    }

    @Test(arguments: ["a.wav", "a.flac", "a.ogg"]) func theSameSoundGivesTheSameBytes(name: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent(name)
            let files = try (0..<2).map { _ in
                _ = try run("write '\(name)'", in: folder)
                return try Data(contentsOf: path)
            }
            #expect(files[0] == files[1] && files[0].count > 1000)
        }
    }

    @Test func loudSamplesAreKeptInWavAndClippedInFlac() throws {
        try Fixtures.withTemporaryFolder { folder in
            let tensors = try run(
                "write('a.wav', sound * 4) write('a.flac', sound * 4) return sound * 4, back 'a.wav', back 'a.flac'",
                in: folder)
            #expect(tensors[0].values == tensors[1].values)
            let clipped = tensors[0].values.map { min(max($0, -1), 1) }
            #expect(zip(clipped, tensors[2].values).allSatisfy { abs($0 - $1) <= 2.5e-7 })
        }
    }

    @Test(arguments: [
        ("write 'a.txt'", "a.txt: expected a name that ends in .flac, .m4a, .mp3, .ogg, .opus, .wav"),
        ("write('a.wav', left)", "option 'samples' must be [samples, channels], but its shape is [24000]"),
        ("write('a.wav', sound / 0)", "option 'samples' contains values that are not finite"),
        ("write('a.flac', kit.tensor.zeros { 10, 9 })", "a.flac: such a file cannot contain 9 channels at 24000 Hz"),
        ("write 'none/a.wav'", "none/a.wav: No such file or directory"),
        ("write('a.wav', 5)", "option 'samples' must be a tensor, but is integer 5"),
    ]) func mistakesAreNamed(call: String, message: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let error = #expect(throws: KitError.self) { try run(call, in: folder) }
            #expect(error?.message.contains("kit.media.write_audio: ") == true)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.isEmpty)
        }
    }
}
